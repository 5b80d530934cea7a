/** From a provider's diff to the decision what to do: replaceOnChanges, ignoreChanges, failed initialisations. Pure functions. */
import type { ResourceState } from "../model";
import type { DiffResult, JsonObject } from "../provider";
import { parsePath, parseProviderPath, pathContains } from "../property-path";
import { compare, replacingKind } from "./changes";
import { resetPath } from "./value-path";

/** What stands in replaceOnChanges for "its initialisation failed". */
const INIT_ERROR_KEY = "#initerror";

export interface Ignored {
  readonly inputs: JsonObject;
  /** Paths into something that was added or removed, where there is no old value to keep. */
  readonly impossible: readonly string[];
}

/** The new inputs, with the old values wherever the program says that changes do not matter. @throws Error for an invalid path. */
export function ignoreChanges(news: JsonObject, olds: JsonObject, paths: readonly string[]): Ignored {
  const impossible: string[] = [];
  let inputs = news;
  for (const path of paths) {
    const reset = resetPath(olds, inputs, parsePath(path));
    if (reset) inputs = reset;
    else impossible.push(path);
  }
  return { inputs, impossible };
}

/** A provider that cannot tell leaves it to a comparison of the inputs. */
export function settle(diff: DiffResult, olds: JsonObject, news: JsonObject, ignored: readonly string[]): DiffResult {
  if (diff.changes !== "unknown") return diff;
  const { inputs } = ignoreChanges(news, olds, ignored);
  const changes = compare(olds, inputs);
  const topLevel = changes.map(({ path }) => String(parseProviderPath(path)[0] ?? path));
  return {
    ...diff,
    changes: changes.length > 0 ? "some" : "none",
    diffs: [...new Set([...diff.diffs, ...topLevel])],
    detailed: Object.fromEntries(changes.map(({ path, kind }) => [path, { kind, inputDiff: true }])),
  };
}

/** Turns changes that the program wants to mean a replacement into ones that do. */
export function applyReplaceOnChanges(
  diff: DiffResult,
  replaceOnChanges: readonly string[],
  old: ResourceState,
): DiffResult {
  const hasInitErrors = (old.initErrors ?? []).length > 0;
  if (replaceOnChanges.length === 0 || (diff.changes !== "some" && !hasInitErrors)) return diff;
  const patterns = replaceOnChanges.map((path) => parsePath(path));
  const replaces = (text: string): boolean =>
    patterns.some((pattern) => pathContains(pattern, parseProviderPath(text)));
  const detailed = diff.detailed
    ? Object.fromEntries(
        Object.entries(diff.detailed).map(([path, change]) => [
          path,
          replaces(path) ? { ...change, kind: replacingKind(change.kind) } : change,
        ]),
      )
    : undefined;
  const keys = new Set(diff.replaces);
  for (const key of diff.diffs) if (replaces(key)) keys.add(key);
  for (const [path, { kind }] of Object.entries(detailed ?? {})) if (kind.endsWith("-replace")) keys.add(path);
  const initErrorReplaces = hasInitErrors && patterns.some((pattern) => pathContains(pattern, [INIT_ERROR_KEY]));
  if (initErrorReplaces) keys.add(INIT_ERROR_KEY);
  return {
    ...diff,
    changes: initErrorReplaces ? "some" : diff.changes,
    replaces: [...keys],
    ...(detailed ? { detailed } : {}),
  };
}

/** Whether a diff asks for a new resource in place of the old one. */
export function needsReplacement(diff: DiffResult): boolean {
  return diff.replaces.length > 0 || Object.values(diff.detailed ?? {}).some(({ kind }) => kind.endsWith("-replace"));
}
