/** Which Docker engine is talked to, and how to say clearly that it does not answer. */
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { z } from "zod";
import type { JsonObject } from "../../provider";
import { flag, isObject, items, text } from "../value";
import { credentialsFor, type RegistryLogin } from "./registry-login";
import { unsupported } from "./settings";

/** The newest API that this provider was written for; an older daemon is spoken to in its own version. */
const NEWEST_API = "1.51";
const OLDEST_API = "1.41";

export interface Connection {
  readonly docker: Docker;
  /** The engine's address, such as unix:///var/run/docker.sock. */
  readonly host: string;
  /** The API version in use, as a number to compare: 1.41 is 41. */
  readonly apiMinor: number;
  /** Whether the daemon offers BuildKit. */
  readonly buildKit: boolean;
  /** The login for a registry's address, if one is configured. */
  readonly login: (registry: string) => RegistryLogin | undefined;
}

const versionAnswer = z.object({ ApiVersion: z.string(), Os: z.string().optional() });
const minor = (version: string): number => Number(/^1\.(\d+)/.exec(version)?.[1] ?? 0);

/** @throws when a setting is not supported, or the daemon does not answer: what was tried and what to do. */
export async function connect(config: JsonObject, programFolder: string): Promise<Connection> {
  const settings = readSettings(config);
  const { host, source } = hostOf(settings);
  const options = { ...endpoint(host, source), ...tls(settings) };
  const login = credentialsFor(items(settings, "registryAuth").filter(isObject), programFolder);
  if (flag(settings, "disableDockerDaemonCheck")) {
    return {
      docker: new Docker({ ...options, version: `v${OLDEST_API}` }),
      host,
      apiMinor: minor(OLDEST_API),
      buildKit: true,
      login,
    };
  }
  try {
    const answer = versionAnswer.parse(await new Docker(options).version());
    if (minor(answer.ApiVersion) < minor(OLDEST_API)) {
      throw new Error(`it speaks API ${answer.ApiVersion}; Docker 20.10 (API ${OLDEST_API}) or newer is needed`);
    }
    const apiMinor = Math.min(minor(answer.ApiVersion), minor(NEWEST_API));
    return {
      docker: new Docker({ ...options, version: `v1.${apiMinor}` }),
      host,
      apiMinor,
      buildKit: answer.Os !== "windows",
      login,
    };
  } catch (error) {
    throw new Error(unreachable(host, source, error), { cause: error });
  }
}

function unreachable(host: string, source: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const hint = reason.includes("EACCES")
    ? "This user may not use the socket: add it to the group that owns the socket (usually docker), or run as root."
    : "Start it (for example `sudo systemctl start docker`), or say where it is with DOCKER_HOST or `pulumi config set docker:host`.";
  return `The Docker engine at ${host} (from ${source}) does not answer: ${reason}. ${hint}`;
}

/** Lists and objects arrive as JSON texts when they come from the stack's configuration. */
function readSettings(config: JsonObject): JsonObject {
  const settings: JsonObject = {};
  const [refused] = unsupported(config);
  if (refused) throw new Error(refused.reason);
  for (const [key, value] of Object.entries(config)) {
    if (key === "version" || key.startsWith("__") || value === null) continue;
    settings[key] =
      typeof value === "string" && /^(\[|true$|false$)/.test(value) ? (JSON.parse(value) as JsonObject) : value;
  }
  return settings;
}

function hostOf(settings: JsonObject): { host: string; source: string } {
  const context = text(settings, "context") || (process.env["DOCKER_CONTEXT"] ?? "");
  if (context !== "" && context !== "default")
    return { host: contextHost(context), source: `the Docker context ${context}` };
  if (text(settings, "host") !== "") return { host: text(settings, "host"), source: "docker:host" };
  const fromEnvironment = process.env["DOCKER_HOST"] ?? "";
  if (fromEnvironment !== "") return { host: fromEnvironment, source: "DOCKER_HOST" };
  return {
    host: "unix:///var/run/docker.sock",
    source: "the default, since neither docker:host nor DOCKER_HOST is set",
  };
}

const contextMeta = z.object({ Name: z.string(), Endpoints: z.record(z.object({ Host: z.string().optional() })) });

function contextHost(name: string): string {
  const folder = join(homedir(), ".docker", "contexts", "meta");
  let entries: string[] = [];
  try {
    entries = readdirSync(folder);
  } catch {
    // No contexts at all: said below.
  }
  for (const entry of entries) {
    const meta = contextMeta.safeParse(JSON.parse(readFileSync(join(folder, entry, "meta.json"), "utf8")));
    const host = meta.data?.Name === name ? meta.data.Endpoints["docker"]?.Host : undefined;
    if (host !== undefined) return host;
  }
  throw new Error(`There is no Docker context "${name}" in ${folder}; \`docker context ls\` lists them`);
}

function endpoint(host: string, source: string): Docker.DockerOptions {
  if (host.startsWith("unix://") || host.startsWith("npipe://")) {
    return { socketPath: host.replace(/^(unix|npipe):\/\//, "") };
  }
  let url: URL;
  try {
    url = new URL(host);
  } catch {
    throw new Error(
      `"${host}" (from ${source}) is no address of a Docker engine: write unix:///path, tcp://host:port or ssh://user@host`,
    );
  }
  if (url.protocol === "ssh:") {
    const user = url.username === "" ? {} : { username: url.username };
    const agent = process.env["SSH_AUTH_SOCK"];
    return {
      protocol: "ssh",
      host: url.hostname,
      port: url.port || "22",
      ...user,
      ...(agent ? { sshOptions: { agent } } : {}),
    };
  }
  const secure =
    url.protocol === "https:" || (url.protocol === "tcp:" && (process.env["DOCKER_TLS_VERIFY"] ?? "") !== "");
  // The URL parser drops a port that is its scheme's own.
  const port =
    url.port || (url.protocol === "http:" ? "80" : url.protocol === "https:" ? "443" : secure ? "2376" : "2375");
  return { protocol: secure ? "https" : "http", host: url.hostname, port };
}

function tls(settings: JsonObject): Docker.DockerOptions {
  const folder = text(settings, "certPath") || (process.env["DOCKER_CERT_PATH"] ?? "");
  const [ca, cert, key] = ["caMaterial", "certMaterial", "keyMaterial"].map((name) => text(settings, name));
  if (cert || key) {
    if (!cert || !key) throw new Error("docker:certMaterial and docker:keyMaterial must be given together");
    return { protocol: "https", cert, key, ...(ca ? { ca } : {}) };
  }
  if (folder === "") return {};
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return { protocol: "https", ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
