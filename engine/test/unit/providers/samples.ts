/** Values that a field accepts, and that are not its default. */
import type { Json } from "@wordpress-autoscaling/engine/src/provider";
import type { Field, Fields, Shape } from "@wordpress-autoscaling/engine/src/providers/schema";

/** Two texts that differ, for each kind of text that some field insists on. */
const TEXTS: readonly (readonly [string, string])[] = [
  ["3", "4"],
  ["on-failure", "always"],
  ["host", "private"],
  ["all", "device=1"],
  ["bind", "volume"],
  ["rprivate", "rshared"],
  ["2s", "1m30s"],
  ["0644", "0755"],
  ["/x", "/y"],
  ["z", "Z"],
  ["eA==", "eQ=="],
  ["1", "2"],
];

/** One of two values that mean different things. */
export function sample(field: Field, which: 0 | 1 = 0): Json {
  const shape: Shape = field;
  switch (shape.kind) {
    case "text": {
      const texts = TEXTS.find((pair) => pair.every((text) => field.invalid?.(text) === undefined));
      if (texts === undefined) throw new Error(`no sample is allowed: ${field.invalid?.("3") ?? ""}`);
      return texts[which];
    }
    case "int":
      return 7 + which;
    case "bool":
      return (field.default !== true) === (which === 0);
    case "map":
      return { a: which === 0 ? "b" : "c" };
    case "list":
    case "set":
      return [sample(shape.of, which)];
    case "object":
      return Object.fromEntries(inputsAmong(shape.fields).map(([key, inner]) => [key, sample(inner, which)]));
  }
}

/** What may be given: neither an output nor refused. */
export const inputsAmong = (fields: Fields): [string, Field][] =>
  Object.entries(fields).filter(([, field]) => field.outputOnly !== true && field.refused === undefined);
