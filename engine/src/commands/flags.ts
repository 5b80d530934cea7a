import { EXIT, Failure } from "../failure";

/** A flag of a command. */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** `list`: may be given several times; a comma is part of the value. `optional`: a value only after `=`. */
  readonly kind: "boolean" | "string" | "number" | "list" | "optional";
  readonly help: string;
  /** Of a number. @default 1 */
  readonly least?: number;
}

/** A positional argument of a command. */
export interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  /** Takes all that follow. @default false */
  readonly variadic?: boolean;
}

export type FlagValue = string | boolean | number | string[];

/** What was given on the command line, by flag name. */
export class Flags {
  constructor(private readonly values: ReadonlyMap<string, FlagValue>) {}

  has(name: string): boolean {
    return this.values.has(name);
  }

  with(name: string, value: FlagValue): Flags {
    return new Flags(new Map([...this.values, [name, value]]));
  }

  /** Whether a boolean flag is on. */
  is(name: string): boolean {
    return this.values.get(name) === true;
  }

  /** What a switch was set to; undefined when it was not given. */
  choice(name: string): boolean | undefined {
    const value = this.values.get(name);
    return typeof value === "boolean" ? value : undefined;
  }

  text(name: string): string | undefined {
    const value = this.values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  list(name: string): string[] {
    const value = this.values.get(name);
    return Array.isArray(value) ? value : [];
  }
}

export interface ParsedLine {
  readonly flags: Flags;
  readonly args: string[];
}

/** What to say about something that this engine does not have. */
export const USE_THE_CLI = "This engine does not have it: use the Pulumi CLI for it";

/**
 * Reads flags as the CLI does (pflag): anywhere among the arguments, `--name value`, `--name=value`, `-n value`, `-nvalue`, `-yf`; all
 * that follows `--` is an argument.
 *
 * @throws Failure that names the flag.
 */
export function parseFlags(words: readonly string[], specs: readonly FlagSpec[]): ParsedLine {
  const values = new Map<string, FlagValue>();
  const args: string[] = [];
  const rest = [...words];
  const take = (spec: FlagSpec, shown: string, attached: string | undefined): void => {
    if (spec.kind === "boolean" || spec.kind === "optional") {
      values.set(spec.name, readSwitch(spec, shown, attached));
      return;
    }
    const value = attached ?? rest.shift();
    if (value === undefined) throw new Failure(`flag needs an argument: ${shown}`, EXIT.usage);
    if (spec.kind === "list")
      values.set(spec.name, [...((values.get(spec.name) as string[] | undefined) ?? []), value]);
    else values.set(spec.name, readFlag(spec, shown, value));
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      args.push(...rest.splice(0));
    } else if (word.startsWith("--")) {
      const [name, attached] = splitOnce(word.slice(2), "=");
      const spec = specs.find((each) => each.name === name);
      if (spec === undefined) throw new Failure(`unknown flag: --${name}. ${USE_THE_CLI}`, EXIT.usage);
      take(spec, `--${name}`, attached);
    } else if (word.startsWith("-") && word !== "-") {
      takeShort(word, specs, take);
    } else {
      args.push(word);
    }
  }
  return { flags: new Flags(values), args };
}

function takeShort(
  word: string,
  specs: readonly FlagSpec[],
  take: (spec: FlagSpec, shown: string, attached: string | undefined) => void,
): void {
  for (let letters = word.slice(1); letters !== ""; letters = letters.slice(1)) {
    const letter = letters.charAt(0);
    const spec = specs.find(({ short }) => short === letter);
    if (spec === undefined) {
      const hint = /^-\d/.test(word) ? "Put `--` before a value that begins with a dash" : USE_THE_CLI;
      throw new Failure(`unknown shorthand flag: '${letter}' in ${word}. ${hint}`, EXIT.usage);
    }
    const tail = letters.slice(1);
    if (spec.kind === "boolean" || spec.kind === "optional") {
      take(spec, `-${letter}`, tail.startsWith("=") ? tail.slice(1) : undefined);
      if (tail.startsWith("=")) return;
    } else {
      take(spec, `-${letter}`, tail === "" ? undefined : tail.replace(/^=/, ""));
      return;
    }
  }
}

/** The value of a flag that has one. @param shown how it was named */
export function readFlag(spec: FlagSpec, shown: string, text: string): string | boolean | number {
  if (spec.kind === "number") return readNumber(shown, text, spec.least);
  return spec.kind === "string" ? text : readSwitch(spec, shown, text);
}

function readSwitch(spec: FlagSpec, shown: string, attached: string | undefined): boolean {
  if (attached === undefined) return true;
  const value = parseBool(attached);
  if (value !== undefined) return value;
  throw new Failure(
    `invalid argument ${JSON.stringify(attached)} for ${shown} (${spec.help}): expected true or false`,
    EXIT.usage,
  );
}

/** Go's strconv.ParseBool; undefined for what is neither. */
export function parseBool(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  return undefined;
}

function readNumber(shown: string, value: string, least = 1): number {
  if (/^\d+$/.test(value) && Number(value) >= least) return Number(value);
  throw new Failure(
    `invalid argument ${JSON.stringify(value)} for ${shown}: expected a whole number, at least ${least}`,
    EXIT.usage,
  );
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** @throws Failure when there are too few or too many. */
export function checkArguments(command: string, args: readonly string[], specs: readonly ArgumentSpec[]): void {
  const required = specs.filter((spec) => spec.required);
  const missing = required[args.length];
  if (missing !== undefined) throw new Failure(`\`pulumi ${command}\` needs <${missing.name}>`, EXIT.usage);
  if (args.length <= specs.length || specs.at(-1)?.variadic === true) return;
  throw new Failure(
    `\`pulumi ${command}\` takes at most ${specs.length} argument(s), but ${args.length} were given: ${args.join(" ")}`,
    EXIT.usage,
  );
}
