/** What stands at a path in property values, which may hold secrets. */
import { WILDCARD, type PathElement, type PropertyPath } from "../property-path";
import type { Json, JsonObject } from "../provider";
import { isPlainMap, isSecret, makeSecret, reveal } from "./values";

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
  if (everything ? before.length !== now.length : !(Number(head) in before && Number(head) in now))
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
