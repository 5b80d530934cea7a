/** What a step changes, property by property, for display. */
import type { PropertyChange } from "../model";
import {
  formatPath,
  parsePath,
  parseProviderPath,
  pathContains,
  type PathElement,
  type PropertyPath,
} from "../property-path";
import type { DiffResult, Json, JsonObject, PropertyDiffKind } from "../provider";
import { getPath } from "./value-path";
import { deepEqual, isPlainMap, isSecret, makeSecret, plaintext, reveal } from "./values";

/** Bookkeeping of providers and engine, no business of the reader. */
const HIDDEN = new Set(["__defaults", "__internal", "__provider"]);

function isHidden(path: PropertyPath): boolean {
  return path.some((element) => HIDDEN.has(String(element)));
}

/** All inputs of a resource that is created. */
export function additions(inputs: JsonObject): PropertyChange[] {
  return Object.entries(inputs)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => ({ path: formatPath([key]), kind: "add", after: withoutHidden(value) }));
}

function withoutHidden(value: Json): Json {
  if (isSecret(value)) return makeSecret(withoutHidden(reveal(value)));
  if (Array.isArray(value)) return value.map(withoutHidden);
  if (!isPlainMap(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !HIDDEN.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutHidden(inner)]));
}

/** Where two maps differ, deep. Secrets are compared by what they hold and stay marked on both sides. */
export function compare(before: JsonObject, after: JsonObject): PropertyChange[] {
  const changes: PropertyChange[] = [];
  compareValues([], before, after, changes);
  return changes;
}

function compareValues(
  path: PathElement[],
  before: Json | undefined,
  after: Json | undefined,
  into: PropertyChange[],
): void {
  if (isHidden(path) || deepEqual(before, after)) return;
  if (before === undefined || after === undefined) {
    const kind: PropertyDiffKind = before === undefined ? "add" : "delete";
    into.push({ path: formatPath(path), kind, ...sides(before, after) });
  } else if (isSecret(before) || isSecret(after)) {
    if (deepEqual(plaintext(before), plaintext(after))) return;
    into.push({ path: formatPath(path), kind: "update", before: makeSecret(before), after: makeSecret(after) });
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) {
      compareValues([...path, i], before[i], after[i], into);
    }
  } else if (isPlainMap(before) && isPlainMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compareValues([...path, key], before[key] ?? undefined, after[key] ?? undefined, into);
    }
  } else {
    into.push({ path: formatPath(path), kind: "update", before, after });
  }
}

function sides(before: Json | undefined, after: Json | undefined): { before?: Json; after?: Json } {
  return {
    ...(before === undefined ? {} : { before: withoutHidden(before) }),
    ...(after === undefined ? {} : { after: withoutHidden(after) }),
  };
}

export interface Compared {
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
  readonly newInputs: JsonObject;
}

/** The changes that a provider reported; where it gave no detail, the differences between the inputs. */
export function changesOf(diff: DiffResult, { oldInputs, oldOutputs, newInputs }: Compared): PropertyChange[] {
  if (diff.detailed && Object.keys(diff.detailed).length > 0) {
    return Object.entries(diff.detailed).flatMap(([text, { kind, inputDiff }]) => {
      const path = parseProviderPath(text);
      if (isHidden(path)) return [];
      const inputBefore = getPath(oldInputs, path);
      const before = inputDiff ? inputBefore : (getPath(oldOutputs, path) ?? inputBefore);
      const after = getPath(newInputs, path);
      const secret = isSecret(before) || isSecret(after) || isSecret(inputBefore);
      return [{ path: text, kind, ...markedSides(secret, before, after) }];
    });
  }
  const replacing = diff.replaces.map(parseProviderPath);
  const changes = compare(oldInputs, newInputs).map((change) => {
    const path = parseProviderPath(change.path);
    const replaces = replacing.some((key) => pathContains(key, path) || pathContains(path, key));
    return replaces ? { ...change, kind: replacingKind(change.kind) } : change;
  });
  const named = [...new Set([...diff.replaces, ...diff.diffs])].filter((text) => {
    const path = parseProviderPath(text);
    return !isHidden(path) && !changes.some((change) => pathContains(path, parseProviderPath(change.path)));
  });
  return [
    ...changes,
    ...named.map((text): PropertyChange => {
      const path = parseProviderPath(text);
      const kind = diff.replaces.includes(text) ? "update-replace" : "update";
      return { path: text, kind, ...sides(getPath(oldInputs, path), getPath(newInputs, path)) };
    }),
  ];
}

/** A change that the program wants not to be shown (`hideDiffs`) is told without its values. */
export function withoutHiddenDiffs(changes: PropertyChange[], paths: readonly string[]): PropertyChange[] {
  if (paths.length === 0) return changes;
  const hidden = paths.map((path) => parsePath(path));
  const isHidden = (text: string): boolean => {
    const path = parseProviderPath(text);
    return hidden.some((pattern) => pathContains(pattern, path) || pathContains(path, pattern));
  };
  return changes.map((change) => (isHidden(change.path) ? { path: change.path, kind: change.kind } : change));
}

function markedSides(secret: boolean, before?: Json, after?: Json): { before?: Json; after?: Json } {
  const mark = (value: Json | undefined): Json | undefined =>
    value !== undefined && secret ? makeSecret(value) : value;
  return sides(mark(before), mark(after));
}

export function replacingKind(kind: PropertyDiffKind): PropertyDiffKind {
  switch (kind) {
    case "add":
      return "add-replace";
    case "delete":
      return "delete-replace";
    case "update":
      return "update-replace";
    default:
      return kind;
  }
}
