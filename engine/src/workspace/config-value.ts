import { Failure } from "../failure";
import { goJson } from "./go-text";
import { Timestamp } from "./go-time";

/** An encrypted value of a config file: `secure: v1:…`. */
export class Secure {
  constructor(readonly ciphertext: string) {}
}

/**
 * A value of a config file. Go's rules: sdk/go/common/resource/config/{value,object}.go. A whole number that a double cannot hold is a
 * bigint; timestamps come from Pulumi.yaml alone.
 */
export type ConfigValue = null | boolean | number | bigint | string | Secure | Timestamp | ConfigValue[] | ConfigMap;
export interface ConfigMap {
  [key: string]: ConfigValue;
}

export type Decrypt = (ciphertext: string) => string;

/** From what a JSON parser gives. A map whose only key is `secure` is an encrypted value. */
export function readConfigValue(raw: unknown): ConfigValue {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === "boolean" || typeof raw === "number" || typeof raw === "string") return raw;
  if (typeof raw === "bigint") return raw;
  if (Array.isArray(raw)) return raw.map(readConfigValue);
  if (typeof raw !== "object") throw new Failure(`unexpected config value of type ${typeof raw}`);
  const entries = Object.entries(raw);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "secure" && typeof only[1] === "string") return new Secure(only[1]);
  return Object.fromEntries(entries.map(([key, value]) => [key, readConfigValue(value)]));
}

/** To what JSON has, for a stack's history. */
export function writeConfigValue(value: ConfigValue): unknown {
  if (value instanceof Secure) return { secure: value.ciphertext };
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(writeConfigValue);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, writeConfigValue(each)]));
}

export function isMap(value: ConfigValue | undefined): value is ConfigMap {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Secure || value instanceof Timestamp);
}

/** Whether a value holds an encrypted one at any depth. */
export function isSecure(value: ConfigValue): boolean {
  if (value instanceof Secure) return true;
  if (Array.isArray(value)) return value.some(isSecure);
  return isMap(value) && Object.values(value).some(isSecure);
}

/** Whether a value is handed on as JSON: a list, a map, or null. */
export function isStructured(value: ConfigValue): boolean {
  return value === null || (typeof value === "object" && !(value instanceof Secure));
}

/** A value with its secrets in plaintext, as JSON has it but for bigints. */
export function decryptValue(value: ConfigValue, decrypt: Decrypt): unknown {
  if (value instanceof Secure) return decrypt(value.ciphertext);
  if (Array.isArray(value)) return value.map((item) => decryptValue(item, decrypt));
  if (value instanceof Timestamp) return value.toJSON();
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decryptValue(each, decrypt)]));
}

/** What a program gets to see in PULUMI_CONFIG: strings as they are, everything else as JSON. */
export function textOf(value: ConfigValue, decrypt: Decrypt): string {
  const plain = decryptValue(value, decrypt);
  return typeof plain === "string" ? plain : goJson(plain);
}

/** A name in a config file: `namespace:name`. */
export interface ConfigKey {
  readonly namespace: string;
  readonly name: string;
}

/** Reads `name`, `namespace:name` or the old `namespace:config:name`. */
export function parseConfigKey(text: string, project: string): ConfigKey {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 1) return { namespace: project, name: first };
  if (parts.length === 2) return { namespace: first, name: second };
  if (parts.length === 3 && second === "config") return { namespace: first, name: third };
  throw new Failure(
    `invalid configuration key: could not parse ${text} as a configuration key ` +
      "(configuration keys should be of the form `<namespace>:<name>`)",
  );
}

export function formatConfigKey({ namespace, name }: ConfigKey): string {
  return `${namespace}:${name}`;
}
