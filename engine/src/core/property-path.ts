/** Paths into property values: `ports[0].internal`, `labels["a.b"]`, `env[*]`. */
import type { Json, JsonObject } from "../provider";
import { isPlainMap, isSecret, makeSecret, reveal } from "./values";

export type PathElement = string | number;
export type PropertyPath = readonly PathElement[];

/** Stands for every element of a list or map. */
export const WILDCARD = "*";

/** @throws Error that names the path and the place where it stops making sense. */
export function parsePath(text: string): PropertyPath {
  const path: PathElement[] = [];
  const token = /\.?([^.[\]]+)|\.?\[(?:(\d+)|(\*)|"((?:[^"\\]|\\.)*)")\]/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new Error(`invalid property path ${JSON.stringify(text)}: cannot read it from position ${at} on`);
    const [, name, index, wildcard, quoted] = match;
    if (index !== undefined) path.push(Number(index));
    else path.push(name ?? wildcard ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
  }
  return path;
}

/** Like {@link parsePath}, for paths that a provider wrote: one that cannot be read is a single name. */
export function parseProviderPath(text: string): PropertyPath {
  try {
    return parsePath(text);
  } catch {
    return [text];
  }
}

export function formatPath(path: PropertyPath): string {
  return path
    .map((element, i) => {
      if (typeof element === "number") return `[${element}]`;
      if (/^[A-Za-z_$][\w$-]*$/.test(element)) return i === 0 ? element : `.${element}`;
      return `[${JSON.stringify(element)}]`;
    })
    .join("");
}

/** Whether `path` is what `pattern` names, or lies inside it. */
export function pathContains(pattern: PropertyPath, path: PropertyPath): boolean {
  return (
    pattern.length <= path.length &&
    pattern.every((element, i) => element === WILDCARD || String(element) === String(path[i]))
  );
}

/** The value at a path, marked secret when the way to it leads through a secret. */
export function getPath(root: Json | undefined, path: PropertyPath): Json | undefined {
  let value = root;
  let secret = false;
  for (const element of path) {
    if (value !== undefined && isSecret(value)) {
      secret = true;
      value = reveal(value);
    }
    if (Array.isArray(value)) value = value[Number(element)];
    else if (isPlainMap(value)) value = value[String(element)];
    else return undefined;
  }
  return value !== undefined && secret ? makeSecret(value) : value;
}

/**
 * Puts `now` back to what `before` had at a path, for ignoreChanges.
 * @returns undefined when the path leads into an element that was added or removed: there is nothing to put back.
 */
export function resetPath(before: JsonObject, now: JsonObject, path: PropertyPath): JsonObject | undefined {
  const result = reset(before, now, path);
  return result.ok && isPlainMap(result.value) ? result.value : undefined;
}

interface Reset {
  ok: boolean;
  value?: Json;
}

function reset(before: Json | undefined, now: Json | undefined, path: PropertyPath): Reset {
  const [head, ...rest] = path;
  if (head === undefined) return before === undefined ? { ok: true } : { ok: true, value: before };
  if (before === undefined && now === undefined) return { ok: true };
  if (before === undefined || now === undefined) return { ok: false };
  if (isSecret(now) || isSecret(before)) {
    const inner = reset(reveal(before), reveal(now), path);
    return inner.value === undefined ? inner : { ok: inner.ok, value: makeSecret(inner.value) };
  }
  if (Array.isArray(now) && Array.isArray(before)) return resetList(before, now, head, rest);
  if (isPlainMap(now) && isPlainMap(before)) return resetMap(before, now, head, rest);
  return { ok: false };
}

function resetList(before: Json[], now: Json[], head: PathElement, rest: PropertyPath): Reset {
  const everything = head === WILDCARD;
  if (everything ? before.length !== now.length : Number(head) >= Math.min(before.length, now.length))
    return { ok: false };
  let ok = true;
  const value = now.map((element, i) => {
    if (!everything && i !== Number(head)) return element;
    const result = reset(before[i], element, rest);
    ok &&= result.ok;
    return result.value ?? element;
  });
  return { ok, value };
}

function resetMap(before: JsonObject, now: JsonObject, head: PathElement, rest: PropertyPath): Reset {
  const keys = head === WILDCARD ? [...new Set([...Object.keys(before), ...Object.keys(now)])] : [String(head)];
  const value = { ...now };
  for (const key of keys) {
    const result = reset(before[key], now[key], rest);
    if (!result.ok) return { ok: false };
    if (result.value !== undefined) value[key] = result.value;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a fresh copy, keyed by data
    else delete value[key];
  }
  return { ok: true, value };
}
