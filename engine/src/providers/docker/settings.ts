/** The provider's own settings: which there are, and the form in which the state keeps them. */
import type { CheckResult, Json, JsonObject } from "../../provider";
import { isObject } from "../value";

const SETTINGS = [
  "host",
  "context",
  "certPath",
  "caMaterial",
  "certMaterial",
  "keyMaterial",
  "registryAuth",
  "disableDockerDaemonCheck",
];

/** What the engine puts among the settings. */
const isOwn = (key: string): boolean => key === "version" || key.startsWith("__");

/** Which of these settings this provider does not have, and what to do. */
export function unsupported(config: JsonObject): { property: string; reason: string }[] {
  const keys = Object.keys(config).filter((key) => !isOwn(key) && !SETTINGS.includes(key) && config[key] !== null);
  const reason = (key: string): string =>
    `docker:${key} is not supported by this provider; supported are ${SETTINGS.join(", ")}`;
  return keys.map((property) => ({ property, reason: reason(property) }));
}

/** Lists arrive as JSON texts; the real provider keeps them as Go writes them, and would see a difference in any other form. */
export function checkSettings(config: JsonObject): CheckResult {
  const inputs = Object.entries(config).map(([key, value]) => [key, normal(value)] as const);
  return { inputs: Object.fromEntries(inputs), failures: unsupported(config) };
}

function normal(value: Json): Json {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return goJson(JSON.parse(value) as Json);
  } catch {
    // Not JSON after all: `configure` says what is wrong with it.
    return value;
  }
}

/** JSON with sorted keys and without the characters that HTML minds. */
function goJson(value: Json): string {
  const text = JSON.stringify(value, (_key, inner: Json) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
