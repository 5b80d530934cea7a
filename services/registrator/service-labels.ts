import type { CheckDefinition } from "./model";

/** What a container's SERVICE_* labels and environment say about one of its ports. */
export interface PortMetadata {
  /** Lower-case keys without SERVICE_ and without the port ("name", "check_http"). */
  values: Map<string, string>;
  /** Keys that were given for this port in particular. */
  ofPort: Set<string>;
}

/**
 * Reads SERVICE_<key> and SERVICE_<port>_<key>, as the original registrator does: a key with the port takes precedence over one
 * without, and then a label over the environment.
 */
export function portMetadata(env: string[], labels: Record<string, string>, port: number): PortMetadata {
  const values = new Map<string, string>();
  const ofPort = new Set<string>();
  const pairs = [...env.map((line) => splitOnce(line, "=")), ...Object.entries(labels)];
  for (const [name, value] of pairs) {
    if (!name.startsWith("SERVICE_")) continue;
    const key = name.slice("SERVICE_".length).toLowerCase();
    const [first, rest] = splitOnce(key, "_");
    if (/^\d+$/.test(first) && rest !== "") {
      if (Number(first) !== port) continue;
      values.set(rest, value);
      ofPort.add(rest);
    } else if (!ofPort.has(key)) {
      values.set(key, value);
    }
  }
  return { values, ofPort };
}

/** Whether any label or variable names a service; registrator ignores containers without one. */
export function asksForService(env: string[], labels: Record<string, string>): boolean {
  const named = (name: string) => /^SERVICE_(\d+_)?NAME$/i.test(name);
  return env.some((line) => named(splitOnce(line, "=")[0])) || Object.keys(labels).some(named);
}

/** Comma-separated tags; `\,` is a comma within a tag. */
export function parseTags(text: string): string[] {
  return text
    .split(/(?<!\\),/)
    .map((tag) => tag.replaceAll("\\,", ",").trim())
    .filter((tag) => tag !== "");
}

const DURATION = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;
const KNOWN_CHECKS = new Set(
  [
    "http",
    "https",
    "http_method",
    "tcp",
    "port",
    "interval",
    "timeout",
    "initial_status",
    "deregister_after",
    "tls_skip_verify",
  ].map((key) => `check_${key}`),
);

/** The Consul check that SERVICE_<port>_CHECK_* ask for; invalid values are reported as problems. */
export function parseCheck(
  values: Map<string, string>,
  address: string,
  port: number,
): { check?: CheckDefinition; problems: string[] } {
  const problems = [...values.keys()]
    .filter((key) => key.startsWith("check_") && !KNOWN_CHECKS.has(key))
    .map(
      (key) => `SERVICE_${key.toUpperCase()} is not supported; known: ${[...KNOWN_CHECKS].join(", ").toUpperCase()}`,
    );
  const duration = (key: string, fallback: string): string => {
    const value = values.get(key);
    if (value === undefined || value === "") return fallback;
    if (DURATION.test(value)) return value;
    problems.push(`SERVICE_${key.toUpperCase()}=${value} is not a duration such as 10s; using ${fallback || "none"}`);
    return fallback;
  };
  const host = address.includes(":") ? `[${address}]` : address;
  const asked = values.get("check_port") ?? String(port);
  const probed = /^\d{1,5}$/.test(asked) ? Number(asked) : port;
  if (String(probed) !== asked) problems.push(`SERVICE_CHECK_PORT=${asked} is not a port number; probing ${port}`);
  const path = values.get("check_http") ?? values.get("check_https");
  const tcp = values.get("check_tcp");
  if (isOff(path) && isOff(tcp)) return { problems };

  const check: CheckDefinition = {
    ...(isOff(path)
      ? { kind: "tcp" as const, target: `${host}:${probed}` }
      : {
          kind: "http" as const,
          target: `${values.has("check_http") ? "http" : "https"}://${host}:${probed}${slashed(path ?? "")}`,
        }),
    interval: duration("check_interval", "10s"),
    timeout: duration("check_timeout", "2s"),
  };
  const method = values.get("check_http_method");
  if (method !== undefined && check.kind === "http") check.method = method.toUpperCase();
  if (!isOff(values.get("check_tls_skip_verify"))) check.tlsSkipVerify = true;
  const deregisterAfter = duration("check_deregister_after", "");
  if (deregisterAfter !== "") check.deregisterAfter = deregisterAfter;
  const status = values.get("check_initial_status");
  if (status === "passing" || status === "warning" || status === "critical") check.initialStatus = status;
  else if (status !== undefined)
    problems.push(`SERVICE_CHECK_INITIAL_STATUS=${status} must be passing, warning or critical; using passing`);
  return { check, problems };
}

/** Whether it is unset, empty, or one of false, 0, no, off. */
export function isOff(value: string | undefined): boolean {
  return value === undefined || ["", "false", "0", "no", "off"].includes(value.toLowerCase());
}

const slashed = (path: string) => (path.startsWith("/") ? path : `/${path}`);

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
