/** Reads the arguments of the commands. */
import { parseArgs } from "node:util";

export interface Option {
  type: "string" | "boolean";
  /** One letter. */
  short?: string;
}

export type Values<Options extends Record<string, Option>> = {
  [Name in keyof Options]?: Options[Name]["type"] extends "string" ? string : boolean;
};

/** `--stack NAME` or `-s NAME`, which most commands take. */
export const STACK_OPTION = { stack: { type: "string", short: "s" } } as const;

/**
 * Splits arguments into words and the values of options. A negative number is a word.
 * @throws Error that ends in the usage, for an unknown option and for a value that is missing
 */
export function readArguments<const Options extends Record<string, Option>>(
  args: string[],
  options: Options,
  usage: string,
): { words: string[]; values: Values<Options> } {
  const isNegative = (index: number): boolean => /^-\d/.test(args[index] ?? "");
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  const words = new Map<number, string>();
  const values: Record<string, string | boolean> = {};
  for (const token of tokens) {
    if (token.kind === "positional") words.set(token.index, token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, index } = token;
    const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
    if (type === undefined) {
      if (!isNegative(index)) throw new Error(`Unknown option ${rawName}.\n${usage}`);
      words.set(index, args[index] ?? "");
    } else if (type === "boolean") {
      values[name] = true;
    } else {
      if (value === undefined) throw new Error(`${rawName} needs a value.\n${usage}`);
      // `-n=5`, too
      values[name] = rawName.startsWith("--") ? value : value.replace(/^=/, "");
    }
  }
  return { words: [...words.values()], values: values as Values<Options> };
}
