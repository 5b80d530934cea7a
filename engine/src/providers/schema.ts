/**
 * How a resource's properties are described. A table of fields says what the provider's own Terraform schema says: the shape of each
 * property, what replaces the resource, what the daemon fills in, and the defaults. `check.ts` and `plan.ts` interpret it.
 */
import type { Json } from "../provider";

export type Shape =
  | { readonly kind: "text" | "int" | "bool" }
  /** A set is a list whose order and repetitions mean nothing. */
  | { readonly kind: "list" | "set"; readonly of: Shape }
  /** Text to text. */
  | { readonly kind: "map" }
  | { readonly kind: "object"; readonly fields: Fields };

export interface Rules {
  readonly required?: boolean;
  /** A change replaces the resource ("removal": only taking a value away does). Counts only at the top level. */
  readonly replaces?: boolean | "removal";
  /** Filled in by the daemon or the image when not given; leaving it out is then no change. */
  readonly computed?: boolean;
  /** Only an output: refused as an input. */
  readonly outputOnly?: boolean;
  /** Written into the inputs by check, unless it is a zero value (false, 0, ""): those stay implicit. */
  readonly default?: boolean | number | string;
  /** Whether an old and a new value mean the same although they are spelled differently. Both are given. */
  readonly same?: (before: Json, after: Json) => boolean;
  /** @returns what is wrong with a known value, or undefined. */
  readonly invalid?: (value: Json) => string | undefined;
  /** Declared by the SDK but not supported: why, and what to do instead. */
  readonly refused?: string;
}
export type Field = Shape & Rules;
export type Fields = Readonly<Record<string, Field>>;

export const text: Shape = { kind: "text" };
export const textSet: Shape = { kind: "set", of: text };
export const textList: Shape = { kind: "list", of: text };
export const setOf = (fields: Fields): Shape => ({ kind: "set", of: { kind: "object", fields } });
export const listOf = (fields: Fields): Shape => ({ kind: "list", of: { kind: "object", fields } });

/** `labels` of containers, networks and volumes. */
export const labelFields: Fields = {
  label: { kind: "text", required: true },
  value: { kind: "text", required: true },
};

export const matches =
  (pattern: RegExp, allowed: string) =>
  (value: Json): string | undefined =>
    typeof value === "string" && !pattern.test(value) ? `"${value}" is not allowed: ${allowed}` : undefined;

export const atLeast =
  (least: number) =>
  (value: Json): string | undefined =>
    typeof value === "number" && value < least ? `${value} is not allowed: at least ${least}` : undefined;
