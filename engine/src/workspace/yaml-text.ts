/** Texts in YAML files, as go-yaml v3 writes them. */
import { Scalar, Schema, type ScalarTag } from "yaml";

import { mustQuote } from "./go-scalar";

export const TAG_PREFIX = "tag:yaml.org,2002:";

/** Text of scalars that this engine has written, as it is to stand in the file. */
const written = new WeakMap<object, string>();

const PLAIN_TEXT = new Schema({ schema: "failsafe" }).tags.find(({ tag }) => tag === `${TAG_PREFIX}str`) as ScalarTag;

/** A scalar that was read is written as it was found; its value is text, whatever it looks like. */
export const TEXT: ScalarTag = {
  tag: `${TAG_PREFIX}str`,
  default: true,
  identify: (value) => typeof value === "string",
  resolve: (text) => text,
  stringify: (item, context, onComment, onChompKeep) => {
    const token = item.srcToken;
    const found = token !== undefined && token.type !== "block-scalar" && "source" in token ? token.source : undefined;
    const mine = written.get(item);
    if (mine !== undefined && context.inFlow === true && FLOW_INDICATORS.test(mine) && !/^["']/.test(mine))
      return `'${mine.replaceAll("'", "''")}'`;
    const source = mine ?? found;
    if (source !== undefined && !source.includes("\n")) return source;
    return PLAIN_TEXT.stringify?.(item, context, onComment, onChompKeep) ?? "";
  },
};

/** Those that the library would read by rules of its own. */
export const TAGGED = ["binary", "merge", "timestamp"].map((name): ScalarTag => ({
  ...TEXT,
  tag: `${TAG_PREFIX}${name}`,
  default: false,
  identify: () => false,
}));

/** {@link textNode} for the key of a map, where `<<` would merge. */
export function keyNode(text: string): Scalar {
  return textNode(text, text === "<<" ? Scalar.QUOTE_DOUBLE : undefined);
}

/** A text, in such quotes that go-yaml reads it as this text, and wrote by itself. @param quotes to be kept, if they can be. */
export function textNode(text: string, quotes?: Scalar.Type | null): Scalar {
  const source = textSource(text, quotes);
  if (source !== undefined) return sourceNode(source, text);
  const node = new Scalar(text);
  node.type = Scalar.BLOCK_LITERAL;
  return node;
}

/** On one line; undefined: as a block of lines. */
function textSource(text: string, quotes?: Scalar.Type | null): string | undefined {
  const single = `'${text.replaceAll("'", "''")}'`;
  if (UNPRINTABLE.test(text) || quotes === Scalar.QUOTE_DOUBLE) return doubleQuoted(text);
  if (text.includes("\n")) return /^\n| \n| $/.test(text) ? doubleQuoted(text) : undefined;
  if (quotes === Scalar.QUOTE_SINGLE) return single;
  if (mustQuote(text)) return doubleQuoted(text);
  return NOT_PLAIN.test(text) ? single : text;
}

export function sourceNode(source: string, value: string = source): Scalar {
  const node = new Scalar(value);
  node.type = source.startsWith('"')
    ? Scalar.QUOTE_DOUBLE
    : source.startsWith("'")
      ? Scalar.QUOTE_SINGLE
      : Scalar.PLAIN;
  written.set(node, source);
  return node;
}

/** What would end a plain scalar, or is the beginning of something else (libyaml, yaml_emitter_analyze_scalar). */
const NOT_PLAIN = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-](?: |$)|:(?: |$)| #|^ | $/;
/** In a flow map or list these mean something too. */
const FLOW_INDICATORS = /[,?[\]{}]/;

/** What libyaml would take for the end of a line, or does not take at all, unless it is escaped. */
const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\u2028": "L",
  "\u2029": "P",
};

function doubleQuoted(text: string): string {
  const escaped = Array.from(text, (char) => {
    const known = ESCAPES[char];
    if (known !== undefined) return `\\${known}`;
    if (!UNPRINTABLE.test(char)) return char;
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
    if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
    return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
  return `"${escaped.join("")}"`;
}
