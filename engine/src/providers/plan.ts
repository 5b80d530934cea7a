/** Compares what was stored with what is wanted. Stored values may come from the real provider: zero values may be there or not. */
import {
  UNKNOWN,
  type DiffRequest,
  type DiffResult,
  type Json,
  type JsonObject,
  type PropertyDiffKind,
} from "../provider";
import type { Field, Fields, Shape } from "./schema";
import { containsUnknown, equal, isObject, stableText } from "./value";

interface Change {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/**
 * The form in which two values of one meaning are equal: sets sorted, defaults written out, zero values left out.
 * A value that is nothing but zeros is undefined. Invariant: canonical(canonical(v)) equals canonical(v).
 */
export function canonical(
  shape: Shape & { readonly default?: Field["default"] },
  value: Json | undefined,
): Json | undefined {
  if (value === undefined || value === null) return nonZero(shape.default);
  if (value === UNKNOWN) return value;
  switch (shape.kind) {
    case "text":
    case "int":
    case "bool":
      // False says something where the default is true.
      return nonZero(shape.default) === undefined ? nonZero(value) : value;
    case "map":
      return isObject(value) && Object.keys(value).length > 0 ? value : undefined;
    case "list":
      if (!Array.isArray(value) || value.length === 0) return undefined;
      return value.map((item) => canonical(shape.of, item) ?? null);
    case "set": {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      const byText = new Map(
        value.map((item) => canonical(shape.of, item) ?? null).map((item) => [stableText(item), item]),
      );
      return [...byText.keys()].sort().map((key) => byText.get(key) ?? null);
    }
    case "object": {
      if (!isObject(value)) return undefined;
      const result: JsonObject = {};
      for (const [key, field] of Object.entries(shape.fields)) {
        const item = canonical(field, value[key]);
        if (item !== undefined) result[key] = item;
      }
      return Object.keys(result).length > 0 ? result : undefined;
    }
  }
}

const nonZero = (value: Json | undefined): Json | undefined =>
  value === undefined || value === "" || value === 0 || value === false ? undefined : value;

/** Whether `after`, as wanted, is what `before` says. Leaving a computed field out wants nothing. */
export function sameField(field: Field, before: Json | undefined, after: Json | undefined): boolean {
  if (containsUnknown(after)) return false;
  const wanted = canonical(field, after);
  if (wanted === undefined && field.computed === true && (after === undefined || after === null || isEmpty(after)))
    return true;
  const stored = canonical(field, before);
  if (equal(stored, wanted)) return true;
  if (stored !== undefined && wanted !== undefined && field.same?.(stored, wanted) === true) return true;
  if (field.kind === "object" && isObject(stored) && isObject(wanted)) return sameFields(field.fields, stored, wanted);
  if (field.kind === "list" && field.of.kind === "object" && Array.isArray(stored) && Array.isArray(wanted)) {
    const { fields } = field.of;
    return stored.length === wanted.length && wanted.every((item, i) => sameFields(fields, stored[i], item));
  }
  return false;
}

const isEmpty = (value: Json): boolean =>
  value === "" || (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

const sameFields = (fields: Fields, before: Json | undefined, after: Json): boolean =>
  Object.entries(fields).every(([key, field]) =>
    sameField(field, isObject(before) ? before[key] : undefined, isObject(after) ? after[key] : undefined),
  );

export interface PlanOptions {
  readonly fields: Fields;
  /** Whether a replacement must delete first. */
  readonly deleteBeforeReplace: (news: JsonObject) => boolean;
}

export function diffInputs(request: DiffRequest, { fields, deleteBeforeReplace }: PlanOptions): DiffResult {
  const detailed: Record<string, { kind: PropertyDiffKind; inputDiff: boolean }> = {};
  const replaces: string[] = [];
  const diffs: string[] = [];
  for (const [key, field] of Object.entries(fields)) {
    if (field.outputOnly === true || field.refused !== undefined) continue;
    const before = request.oldOutputs[key];
    const after = request.news[key];
    if (sameField(field, before, after)) continue;
    const changes = changesOf(field, before, after, key).filter(({ path }) => !isIgnored(path, request.ignoreChanges));
    if (changes.length === 0) continue;
    diffs.push(key);
    const replaced = field.replaces === true || (field.replaces === "removal" && canonical(field, after) === undefined);
    for (const { path, kind } of changes) {
      detailed[path] = { kind: replaced ? `${kind}-replace` : kind, inputDiff: false };
      if (replaced) replaces.push(path);
    }
  }
  return {
    changes: diffs.length > 0 ? "some" : "none",
    replaces,
    diffs,
    deleteBeforeReplace: replaces.length > 0 && deleteBeforeReplace(request.news),
    detailed,
  };
}

const isIgnored = (path: string, ignored: readonly string[]): boolean =>
  ignored.some((entry) => path === entry || path.startsWith(`${entry}.`) || path.startsWith(`${entry}[`));

/** The paths that differ, as deep as the shapes allow; at least one when the two differ. */
function changesOf(shape: Field, before: Json | undefined, after: Json | undefined, path: string): Change[] {
  const own: Change = {
    path,
    kind: (before ?? null) === null ? "add" : (after ?? null) === null ? "delete" : "update",
  };
  if (after === UNKNOWN || own.kind !== "update") return [own];
  let deeper: Change[] = [];
  if (shape.kind === "object" && isObject(before) && isObject(after)) {
    deeper = Object.entries(shape.fields).flatMap(([key, field]) =>
      sameField(field, before[key], after[key]) ? [] : changesOf(field, before[key], after[key], `${path}.${key}`),
    );
  } else if (shape.kind === "map" && isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    deeper = keys.flatMap((key) =>
      equal(before[key], after[key]) ? [] : changesOf({ kind: "text" }, before[key], after[key], `${path}.${key}`),
    );
  } else if (shape.kind === "list" && Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    deeper = Array.from({ length }, (_, i) => i).flatMap((i) =>
      i < before.length && i < after.length && sameField(shape.of, before[i], after[i])
        ? []
        : changesOf(shape.of, before[i], after[i], `${path}[${i}]`),
    );
  } else if (shape.kind === "set" && Array.isArray(before) && Array.isArray(after)) {
    deeper = setChanges(shape.of, before, after, path);
  }
  return deeper.length > 0 ? deeper : [own];
}

function setChanges(of: Shape, before: readonly Json[], after: readonly Json[], path: string): Change[] {
  const key = (item: Json): string => stableText(canonical(of, item));
  const [old, wanted] = [new Set(before.map(key)), new Set(after.map(key))];
  const added = after.flatMap((item, i) => (old.has(key(item)) ? [] : [`${path}[${i}]`]));
  const gone = before.flatMap((item, i) => (wanted.has(key(item)) ? [] : [`${path}[${i}]`]));
  return [
    ...added.map((p): Change => ({ path: p, kind: gone.includes(p) ? "update" : "add" })),
    ...gone.filter((p) => !added.includes(p)).map((p): Change => ({ path: p, kind: "delete" })),
  ];
}
