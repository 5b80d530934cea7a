/** Turns a program's inputs into checked inputs: types, required and refused properties, defaults, the automatic name. */
import { createHash } from "node:crypto";
import {
  UNKNOWN,
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type Json,
  type JsonObject,
} from "../provider";
import type { Field, Fields, Shape } from "./schema";
import { isObject, isReservedKey } from "./value";

const DEFAULTS = "__defaults";

export interface CheckOptions {
  readonly fields: Fields;
  /** The property that gets `<name>-<7 hex>` when it is left out. */
  readonly autoName?: string;
}

export function checkInputs(request: CheckRequest, { fields, autoName }: CheckOptions): CheckResult {
  const failures: CheckFailure[] = [];
  const inputs = checkObject(request.news, request.olds, fields, "", failures, () => {
    if (autoName === undefined || (request.news[autoName] ?? null) !== null) return {};
    const old = request.olds?.[autoName];
    // A resource keeps the name that it has, also when the program stops giving it one.
    return { [autoName]: typeof old === "string" ? old : automaticName(request.name, request.randomSeed) };
  });
  return { inputs, failures };
}

function automaticName(name: string, seed: Uint8Array): string {
  const hex = createHash("sha256").update(seed).update(name).digest("hex").slice(0, 7);
  return `${name}-${hex}`;
}

/** Without a list of defaults (an import, an old state) every old value counts as one. */
function wasDefault(olds: JsonObject | undefined, key: string): boolean {
  const list = olds?.[DEFAULTS];
  return !Array.isArray(list) || list.includes(key);
}

function checkObject(
  news: JsonObject,
  olds: JsonObject | undefined,
  fields: Fields,
  path: string,
  failures: CheckFailure[],
  names: () => JsonObject = () => ({}),
): JsonObject {
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(news)) {
    if (isReservedKey(key) || value === null) continue;
    const field = fields[key];
    if (field === undefined || field.outputOnly === true) {
      failures.push({ property: at(key), reason: `there is no such input${similar(key, fields)}` });
    } else if (field.refused !== undefined) {
      failures.push({ property: at(key), reason: `this provider does not support it: ${field.refused}` });
    } else {
      result[key] = checkField(value, olds?.[key], field, at(key), failures);
    }
  }
  const defaulted: JsonObject = names();
  for (const [key, field] of Object.entries(fields)) {
    if (key in result || key in defaulted) continue;
    if (field.required === true) failures.push({ property: at(key), reason: "it is required, and was not given" });
    if (field.default === undefined) continue;
    const old = olds?.[key];
    if (old !== undefined && wasDefault(olds, key)) defaulted[key] = old;
    else if (field.default !== false && field.default !== 0 && field.default !== "") defaulted[key] = field.default;
  }
  return { ...result, ...defaulted, [DEFAULTS]: Object.keys(defaulted).sort() };
}

/** The inputs whose names begin alike, as a hint. */
function similar(key: string, fields: Fields): string {
  const begin = key.slice(0, 3).toLowerCase();
  const names = Object.keys(fields).filter((name) => name.toLowerCase().startsWith(begin) && !fields[name]?.outputOnly);
  return names.length > 0 ? `; similar ones are ${names.join(", ")}` : "";
}

function checkField(value: Json, old: Json | undefined, field: Field, path: string, failures: CheckFailure[]): Json {
  const checked = checkShape(value, old, field, path, failures);
  const reason = checked === UNKNOWN ? undefined : field.invalid?.(checked);
  if (reason !== undefined) failures.push({ property: path, reason });
  return checked;
}

function checkShape(value: Json, old: Json | undefined, shape: Shape, path: string, failures: CheckFailure[]): Json {
  if (value === UNKNOWN) return value;
  const wrong = (wanted: string): Json => {
    const shown = isObject(value) ? "an object" : Array.isArray(value) ? "a list" : JSON.stringify(value);
    failures.push({ property: path, reason: `${wanted} is needed, and it is ${shown}` });
    return value;
  };
  switch (shape.kind) {
    case "text":
      if (typeof value === "number" || typeof value === "boolean") return String(value);
      return typeof value === "string" ? value : wrong("a text");
    case "int":
      if (typeof value === "string" && /^-?\d{1,15}$/.test(value)) return Number(value);
      return typeof value === "number" && Number.isInteger(value) ? value : wrong("a whole number");
    case "bool":
      if (value === "true" || value === "false") return value === "true";
      return typeof value === "boolean" ? value : wrong("true or false");
    case "map":
      if (!isObject(value)) return wrong("an object with texts");
      return Object.fromEntries(
        Object.entries(value)
          .filter(([key, item]) => !isReservedKey(key) && item !== null)
          .map(([key, item]) => [key, checkShape(item, undefined, { kind: "text" }, `${path}.${key}`, failures)]),
      );
    case "list":
    case "set": {
      if (!Array.isArray(value)) return wrong("a list");
      const olds = Array.isArray(old) ? old : [];
      return value.map((item, index) => checkShape(item, olds[index], shape.of, `${path}[${index}]`, failures));
    }
    case "object":
      if (!isObject(value)) return wrong("an object");
      return checkObject(value, isObject(old) ? old : undefined, shape.fields, path, failures);
  }
}
