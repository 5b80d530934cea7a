/** Outputs in the form in which the real provider stores them: every property, empty values written out, sets in its order. */
import { UNKNOWN, type Json, type JsonObject } from "../provider";
import { sameField } from "./plan";
import type { Field, Fields, Shape } from "./schema";
import { isObject } from "./value";

/** What is not there is null, or [] for blocks and for lists that the daemon fills in. */
export function fillOutputs(fields: Fields, values: JsonObject): JsonObject {
  const result: JsonObject = { ...values };
  for (const [key, field] of Object.entries(fields)) {
    const value = values[key] ?? null;
    result[key] = value === null ? emptyTop(field) : fill(field, value);
  }
  return result;
}

/**
 * What a preview says the outputs will be: the inputs and defaults written out; what did not change as it was; and unknown what only
 * the daemon will say (`computed`, and inside of inputs every field that it fills in, such as a port's number on the host).
 */
export function previewOutputs(
  fields: Fields,
  computed: readonly string[],
  inputs: JsonObject,
  old: JsonObject | undefined,
): JsonObject {
  const outputs: JsonObject = {};
  for (const [key, field] of Object.entries(fields)) {
    const input = inputs[key];
    const before = old?.[key];
    if (old !== undefined && (field.outputOnly === true || sameField(field, before, input)))
      outputs[key] = before ?? null;
    else if (input === undefined && computed.includes(key)) outputs[key] = UNKNOWN;
    else outputs[key] = withUnknowns(field, input ?? field.default ?? null);
  }
  return fillOutputs(fields, outputs);
}

/** Writes out as unknown what the daemon will fill in inside a value. */
function withUnknowns(shape: Shape, value: Json): Json {
  if (isMany(shape) && Array.isArray(value)) return value.map((item) => withUnknowns(shape.of, item));
  if (shape.kind !== "object" || !isObject(value)) return value;
  const result: JsonObject = { ...value };
  for (const [key, field] of Object.entries(shape.fields)) {
    const item = value[key];
    if (item !== undefined) result[key] = withUnknowns(field, item);
    else if (field.computed === true) result[key] = UNKNOWN;
  }
  return result;
}

const isMany = (shape: Shape): shape is Extract<Shape, { kind: "list" | "set" }> =>
  shape.kind === "set" || shape.kind === "list";

const emptyTop = (field: Field): Json =>
  isMany(field) && (field.of.kind === "object" || field.computed === true) ? [] : null;

function fill(shape: Shape, value: Json): Json {
  if (isMany(shape) && Array.isArray(value)) {
    const filled = value.map((item) => fill(shape.of, item));
    return shape.kind === "set" ? inSetOrder(shape.of, filled) : filled;
  }
  if (shape.kind !== "object" || !isObject(value) || Object.keys(shape.fields).length === 0) return value;
  const result: JsonObject = {};
  for (const [key, field] of Object.entries(shape.fields)) {
    const item = value[key] ?? field.default ?? null;
    result[key] = item !== null ? fill(field, item) : isMany(field) ? [] : field.kind === "text" ? "" : null;
  }
  return result;
}

/** The order in which Terraform's values (cty) list a set: of texts by value, of objects by a text made of their properties. */
function inSetOrder(of: Shape, elements: Json[]): Json[] {
  const key = (item: Json): string => (of.kind === "text" && typeof item === "string" ? item : setKey(of, item));
  const keyed = elements.map((item) => ({ item, bytes: Buffer.from(key(item), "utf8") }));
  return keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ item }) => item);
}

function setKey(shape: Shape, value: Json): string {
  // A single object is a list of at most one there.
  if (shape.kind === "object" && value === null) return "[]";
  if (value === null) return "~";
  if (typeof value === "boolean") return value ? "T" : "F";
  if (isMany(shape) && Array.isArray(value)) return `[${value.map((item) => `${setKey(shape.of, item)};`).join("")}]`;
  if (shape.kind === "object" && isObject(value)) return objectKey(shape.fields, value);
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${JSON.stringify(item)};`).join("")}}`;
  }
  return JSON.stringify(value);
}

function objectKey(fields: Fields, value: JsonObject): string {
  const snake = (name: string): string => name.replace(/[A-Z0-9]+/g, (part) => `_${part.toLowerCase()}`);
  const names = Object.keys(fields).sort((a, b) => (snake(a) < snake(b) ? -1 : 1));
  const parts = names.map((name) => {
    const field = fields[name];
    if (field === undefined) return "";
    const key = setKey(field, value[name] ?? null);
    return field.kind === "object" && key !== "[]" ? `[${key};];` : `${key};`;
  });
  return `<${parts.join("")}>`;
}
