/** Reading and comparing wire values. Everything here is pure. */
import { UNKNOWN, type Json, type JsonObject } from "../provider";

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Keys that providers and the engine add to an object of properties. */
export const isReservedKey = (key: string): boolean => key.startsWith("__");

export function containsUnknown(value: Json | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** A text that is equal for equal values, whatever the order of keys. */
export function stableText(value: Json | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `[${value.map(stableText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stableText(item)}`).join(",")}}`;
}

export const equal = (a: Json | undefined, b: Json | undefined): boolean => stableText(a) === stableText(b);

/** The value without reserved keys at any depth, without nulls in objects. */
export function withoutReserved(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutReserved);
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (!isReservedKey(key) && item !== null) result[key] = withoutReserved(item);
  }
  return result;
}

/** A text, number or flag as text; anything else as nothing. */
export const scalar = (value: Json | undefined): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

// Reading checked properties: absent, null and unknown read as the type's zero value.
export const text = (from: JsonObject, key: string): string => {
  const value = from[key];
  return typeof value === "string" && value !== UNKNOWN ? value : "";
};
export const number = (from: JsonObject, key: string): number => {
  const value = from[key];
  return typeof value === "number" ? value : 0;
};
export const flag = (from: JsonObject, key: string): boolean => from[key] === true;
export const items = (from: JsonObject, key: string): readonly Json[] => {
  const value = from[key];
  return Array.isArray(value) ? value : [];
};
export const texts = (from: JsonObject, key: string): string[] =>
  items(from, key).map((item) => (typeof item === "string" ? item : ""));
export const objects = (from: JsonObject, key: string): JsonObject[] => items(from, key).filter(isObject);
export const object = (from: JsonObject, key: string): JsonObject | undefined => {
  const value = from[key];
  return isObject(value) ? value : undefined;
};
export const textMap = (from: JsonObject, key: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(object(from, key) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
