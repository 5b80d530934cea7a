/** Inputs that a table of fields allows, made at random. */
import fc from "fast-check";
import { type Json, type JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import type { Field, Fields, Shape } from "@wordpress-autoscaling/engine/src/providers/schema";

const TEXTS = [
  "a",
  "b",
  "c=d",
  "on-failure",
  "always",
  "host",
  "private",
  "bind",
  "volume",
  "2s",
  "90s",
  "1m30s",
  "0644",
  "/a",
  "z",
  "1.5",
  "0-1",
  "all",
  "1",
  "",
  "linux",
];

function valueOf(shape: Shape & Pick<Field, "invalid">): fc.Arbitrary<Json> {
  switch (shape.kind) {
    case "text":
      return fc.constantFrom(...TEXTS.filter((text) => shape.invalid?.(text) === undefined));
    case "int":
      return fc.integer({ min: 0, max: 5 });
    case "bool":
      return fc.boolean();
    case "map":
      return fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"));
    case "list":
    case "set":
      return fc.array(valueOf(shape.of), { maxLength: 3 });
    case "object":
      return inputsOf(shape.fields);
  }
}

/** Required properties always, the others sometimes. */
export function inputsOf(fields: Fields): fc.Arbitrary<JsonObject> {
  const usable = Object.entries(fields).filter(([, field]) => field.outputOnly !== true && field.refused === undefined);
  const record = Object.fromEntries(usable.map(([key, field]) => [key, valueOf(field)]));
  const requiredKeys = usable.filter(([, field]) => field.required === true).map(([key]) => key);
  return fc.record(record, { requiredKeys });
}
