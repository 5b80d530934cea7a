/**
 * What .dockerignore leaves out, as docker's own client judges it (moby/patternmatcher, and go-archive's walk): a last match wins, a folder's
 * match holds for all below it, and a folder that is left out is entered only for a `!` that begins with its path.
 */
import { posix } from "node:path";

/** Which of the rules have matched a folder: what is below it need not be asked again. */
export type Matches = readonly boolean[];

interface Rule {
  readonly text: string;
  /** Whether it begins with `!`: it takes back. */
  readonly takesBack: boolean;
  readonly matches: (path: string) => boolean;
}

export class IgnoreRules {
  private readonly rules: readonly Rule[];

  /** @throws when a line is no pattern: which one. */
  constructor(lines: readonly string[]) {
    this.rules = lines.map((line) => {
      // Cleaned with the `!`, as the client does it: "!/" is "!", which is no pattern.
      const cleaned = clean(line);
      const takesBack = cleaned.startsWith("!");
      const text = takesBack ? cleaned.slice(1) : cleaned;
      if (text === "" || !wellFormed.test(text)) throw notAPattern(line);
      return { text, takesBack, matches: matcher(text, line) };
    });
  }

  /** @param path relative to the context, with slashes; @param parent what this gave for the folder of it, if it has one. */
  judge(path: string, parent?: Matches): { ignored: boolean; matches: Matches } {
    let ignored = false;
    const matches = this.rules.map((rule, index) => {
      // A rule that could change nothing is not asked, and does not count as matched for what is below.
      const match = (parent?.[index] ?? false) || (rule.takesBack === ignored && rule.matches(path));
      if (match) ignored = !rule.takesBack;
      return match;
    });
    return { ignored, matches };
  }

  /** Whether a rule may take something back from a folder that is left out. */
  mayTakeBackFrom(folder: string): boolean {
    return this.rules.some(({ takesBack, text }) => takesBack && `${text}/`.startsWith(`${folder}/`));
  }
}

/** The patterns of a .dockerignore file: without comments, blanks and leading slashes. */
export function ignoreLines(text: string): string[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#") && line.trim() !== "")
    .map((line) => {
      const pattern = line.trim();
      if (!pattern.startsWith("!")) return fromRoot(pattern);
      const rest = pattern.slice(1).trim();
      return `!${rest === "" ? "" : fromRoot(rest)}`;
    });
}

/** Go's filepath.Clean. */
const clean = (path: string): string => posix.normalize(path).replace(/(?<=.)\/$/, "");
const fromRoot = (pattern: string): string => clean(pattern).replace(/^\/(?=.)/, "");

/** The syntax that Go's filepath.Match accepts: classes are closed and not empty, and a backslash has something to escape. */
const wellFormed = /^(?:\\.|\[(?:\^|(?!\^))(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\]|[^\\[])*$/su;

const notAPattern = (line: string): Error =>
  new Error(
    `.dockerignore: ${JSON.stringify(line)} is no pattern: close each [, and write \\[ for the character itself`,
  );

function matcher(pattern: string, line: string): (path: string) => boolean {
  const { kind, source } = translate(Array.from(pattern));
  switch (kind) {
    case "exact":
      return (path) => path === pattern;
    case "prefix":
      return (path) => path.startsWith(pattern.slice(0, -2));
    case "suffix": {
      const suffix = pattern.slice(2);
      return (path) => path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));
    }
    case "expression":
      try {
        const expression = new RegExp(`^${source}$`, "u");
        return (path) => expression.test(path);
      } catch {
        throw notAPattern(line);
      }
  }
}

type Kind = "exact" | "prefix" | "suffix" | "expression";

/** A regular expression, or the simpler comparison that does; character by character as the client does it, its oddities included. */
function translate(pattern: readonly string[]): { kind: Kind; source: string } {
  let kind: Kind = "exact";
  let source = "";
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const begin = at;
    const character = pattern[at] ?? "";
    if (character === "*" && pattern[at + 1] === "*") {
      at += pattern[at + 2] === "/" ? 2 : 1;
      const atEnd = at + 1 >= pattern.length;
      if (atEnd && kind === "exact") kind = "prefix";
      else {
        source += atEnd ? ".*" : "(.*/)?";
        kind = "expression";
      }
      if (begin === 0) kind = "suffix";
    } else if (character === "*" || character === "?") {
      source += character === "*" ? "[^/]*" : "[^/]";
      kind = "expression";
      inClass = false;
    } else if (character === "\\") {
      at += 1;
      source += escaped(pattern[at] ?? "");
      kind = "expression";
    } else if (character === "[" || character === "]") {
      source += character === "]" && !inClass ? "\\]" : character;
      inClass = character === "[";
      kind = "expression";
    } else {
      source += ".+()|{}$".includes(character) ? `\\${character}` : character;
    }
  }
  return { kind, source };
}

/** A letter keeps its backslash, as it does in the client's expression: `\d` is a digit there too. */
const escaped = (character: string): string =>
  /[^\da-z]/iu.test(character) && character < "\x80"
    ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
    : `${/[\da-z]/i.test(character) ? "\\" : ""}${character}`;
