/** What go-yaml v3, with which the CLI reads its files, takes a scalar for (resolve.go). */
import { Timestamp } from "./go-time";

/** Whole numbers that a double cannot hold exactly are bigint. */
export type GoScalar = null | boolean | number | bigint | string | Timestamp;
export type GoTag = "null" | "bool" | "int" | "float" | "timestamp" | "str";

export interface Resolved {
  readonly tag: GoTag;
  readonly value: GoScalar;
}

export const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const NAMED = new Map<string, Resolved>([
  ...["true", "True", "TRUE"].map((name) => [name, { tag: "bool", value: true }] as const),
  ...["false", "False", "FALSE"].map((name) => [name, { tag: "bool", value: false }] as const),
  ...["", "~", "null", "Null", "NULL"].map((name) => [name, { tag: "null", value: null }] as const),
  ...[".nan", ".NaN", ".NAN"].map((name) => [name, { tag: "float", value: NaN }] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map(
    (name) => [name, { tag: "float", value: Infinity }] as const,
  ),
  ...["-.inf", "-.Inf", "-.INF"].map((name) => [name, { tag: "float", value: -Infinity }] as const),
]);

/** A scalar without quotes and without a tag. */
export function resolvePlain(text: string): Resolved {
  return NAMED.get(text) ?? resolveNumeric(text, true) ?? { tag: "str", value: text };
}

/**
 * A scalar with a tag of YAML's own, `!!int` or the like; quoted or not makes no difference then.
 *
 * @throws Error in go-yaml's words.
 */
export function resolveTagged(tag: string, text: string): Resolved {
  if (tag === "str") return { tag: "str", value: text };
  if (tag === "binary") return { tag: "str", value: readBase64(text) };
  if (!["null", "bool", "int", "float", "timestamp"].includes(tag)) return { tag: "str", value: text };
  const found = NAMED.get(text) ?? resolveNumeric(text, tag === "timestamp") ?? { tag: "str", value: text };
  if (found.tag === tag) return found;
  if (tag === "float" && found.tag === "int" && isInt64(found.value)) return { tag, value: Number(found.value) };
  throw new Error(`cannot decode !!${found.tag} \`${text}\` as a !!${tag}`);
}

function resolveNumeric(text: string, timestamps: boolean): Resolved | undefined {
  if (text.startsWith(".")) return float(text, /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/);
  if (!/^[-+\d]/.test(text)) return undefined;
  const time = timestamps ? Timestamp.parse(text) : undefined;
  if (time !== undefined) return { tag: "timestamp", value: time };
  const plain = text.replaceAll("_", "");
  const int = readInteger(plain);
  if (int !== undefined) return { tag: "int", value: narrow(int) };
  return float(plain, /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/);
}

/** A number too large for a double is text. */
function float(text: string, form: RegExp): Resolved | undefined {
  if (!form.test(text)) return undefined;
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? { tag: "float", value } : undefined;
}

/** Go's ParseInt and ParseUint with base 0, and go-yaml's additions: a sign may also stand after `0b` and `0o`. */
function readInteger(text: string): bigint | undefined {
  const [, sign = "", prefix = "", innerSign = "", digits = ""] =
    /^([-+]?)(0[xX]|0[bB]|0[oO]|0(?=\d)|)([-+]?)([0-9a-fA-F]+)$/.exec(text) ?? [];
  if (digits === "") return undefined;
  if (innerSign !== "" && (sign !== "" || !["0b", "0o"].includes(prefix))) return undefined;
  const base = prefix.toLowerCase();
  const allowed = base === "0x" ? /^/ : base === "0b" ? /^[01]+$/ : base === "" ? /^\d+$/ : /^[0-7]+$/;
  if (!allowed.test(digits)) return undefined;
  const size = BigInt(base === "" ? digits : `${base === "0" ? "0o" : base}${digits}`);
  const value = sign === "-" || innerSign === "-" ? -size : size;
  const signed = sign !== "" || innerSign !== "";
  return value >= MIN_INT64 && value <= (signed ? MAX_INT64 : MAX_UINT64) ? value : undefined;
}

export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Go's strconv.Atoi takes it. */
export function isInt64Text(text: string): boolean {
  if (!/^[-+]?\d+$/.test(text)) return false;
  const value = toBigInt(text);
  return value >= MIN_INT64 && value <= MAX_INT64;
}

export function isUint64Text(text: string): boolean {
  return /^\d+$/.test(text) && toBigInt(text) <= MAX_UINT64;
}

/** Decimal digits, with or without a sign. */
export function toBigInt(text: string): bigint {
  return BigInt(text.replace(/^\+/, ""));
}

function isInt64(value: GoScalar): boolean {
  return typeof value === "number" || (typeof value === "bigint" && value <= MAX_INT64);
}

function readBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new Error("!!binary value contains invalid base64 data");
  }
  return Buffer.from(compact, "base64").toString("utf8");
}

/**
 * How go-yaml would write a text: plain where nothing takes it for anything else, among them readers of YAML 1.1, which knows `yes` and
 * `12:30`.
 */
export function mustQuote(text: string): boolean {
  return resolvePlain(text).tag !== "str" || OLD_BOOLEANS.test(text) || BASE_60.test(text);
}

const OLD_BOOLEANS = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
