/**
 * Paths into values, as the CLI reads and writes them: `ports[0].internal`, `labels["a.b"]`, `env[*]`. Config keys with `--path`,
 * `ignoreChanges` and what providers say of their differences are all written so.
 */

export type PathElement = string | number;
export type PropertyPath = readonly PathElement[];

/** Stands for every element of a list or map. */
export const WILDCARD = "*";

/**
 * What a path may go on with. A name is whatever stands before the next dot or bracket; in quotes, only a quote is escaped; dots are
 * separators of which there may be several.
 */
const PART = /\.*(?:\["((?:\\"|[^"])*)"\]|\[(?:([+-]?\d+)|(\*))\]|([^.[]+))/y;

/**
 * Takes a path apart.
 * @param strict refuses a dot before a bracket (`a.[0]`), as the CLI does in config keys; some providers write it
 * @throws Error that names the path and the place where it stops making sense
 */
export function parsePath(text: string, { strict = false } = {}): PropertyPath {
  const path: PathElement[] = [];
  for (let at = 0; at < text.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    const [whole, quoted, index, wildcard, name] = match ?? [];
    const misplaced = whole?.startsWith(".") === true && (at === 0 || (strict && name === undefined));
    if (match === null || misplaced) {
      throw new Error(`invalid property path ${JSON.stringify(text)}: cannot read it from position ${at} on`);
    }
    path.push(index === undefined ? (name ?? wildcard ?? (quoted ?? "").replaceAll('\\"', '"')) : Number(index));
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

/** As the CLI writes a path. */
export function formatPath(path: PropertyPath): string {
  return path
    .map((element, i) => {
      if (typeof element === "number") return `[${element}]`;
      if (/^\w+$/.test(element)) return i === 0 ? element : `.${element}`;
      return `["${element.replaceAll('"', '\\"')}"]`;
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
