/** Keeps secrets out of what people read and out of the plain part of the state. */
import { inspect } from "node:util";
import { OUTPUT_VALUE, RESOURCE_REFERENCE, SIGNATURE } from "../model";
import { UNKNOWN, type Json, type JsonObject } from "../provider";
import { isMap, isSecret, makeSecret, mapValues, markSecrets, plaintext } from "./values";

/** Shorter strings would blank out half of every message; Pulumi's own limit. */
const SHORTEST_MASKED = 3;
/** A line of a longer secret (a key file) is masked by itself, because output is read line by line. */
const SHORTEST_MASKED_LINE = 16;
/** Shorter secrets occur in other properties by chance. */
const SHORTEST_LEAK = 8;
/** The source of a dynamic provider: secret when it captured one, but no text that anybody prints. */
const PROVIDER_SOURCE = "__provider";

/** Every text that the program put into a value: not what marks it, nor names of resources, nor what is not known yet. */
function strings(value: Json): string[] {
  if (typeof value === "string") return value === UNKNOWN ? [] : [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  if (!isMap(value)) return [];
  const { [SIGNATURE]: signature, hash: _, dependencies: __, ...rest } = value;
  if (signature === RESOURCE_REFERENCE) return [];
  return Object.values(signature === undefined ? value : rest).flatMap(strings);
}

/** Every string inside a value that is secret. */
export function secretStrings(value: Json): string[] {
  if (isSecret(value)) return strings(plaintext(value.value ?? null));
  if (isMap(value) && value[SIGNATURE] === OUTPUT_VALUE && value.secret === true) return strings(plaintext(value));
  if (Array.isArray(value)) return value.flatMap(secretStrings);
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === PROVIDER_SOURCE ? [] : secretStrings(inner)));
}

/** A text as it is, and as it stands inside of JSON, of what console.log prints, and of a URL. */
function spellings(text: string): string[] {
  return [
    ...new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      inspect(text, { maxStringLength: Infinity }).slice(1, -1),
      urlForm(text),
    ]),
  ];
}

function urlForm(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half of a surrogate pair has no such form.
    return text;
  }
}

/** Replaces each secret that this run has met by `[secret]`. */
export class SecretMask {
  private readonly known = new Set<string>();
  private pattern: RegExp | undefined;

  /** Remembers every secret inside a value. */
  learn(value: Json): void {
    for (const text of secretStrings(value)) this.learnText(text);
  }

  learnText(text: string): void {
    const lines = text.split("\n").filter((line) => line.length >= SHORTEST_MASKED_LINE);
    for (const part of [text, ...lines].flatMap(spellings)) {
      if (part.trim().length < SHORTEST_MASKED || this.known.has(part)) continue;
      this.known.add(part);
      this.pattern = undefined;
    }
  }

  apply(text: string): string {
    if (this.known.size === 0) return text;
    // Longest first: a secret may begin with another one.
    this.pattern ??= new RegExp(
      [...this.known]
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return text.replace(this.pattern, "[secret]");
  }
}

export interface OutputsToProtect {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
  readonly additionalSecretOutputs?: readonly string[] | undefined;
}

/**
 * Marks what must not be stored in plaintext: outputs that the program names, outputs whose input is secret, and any output that
 * repeats the text of a secret input under another name (Pulumi itself stores those in plaintext).
 */
export function protectOutputs({ inputs, outputs, additionalSecretOutputs = [] }: OutputsToProtect): JsonObject {
  const named = new Set(additionalSecretOutputs);
  const secrets = [...new Set(secretStrings(inputs))].filter((text) => text.length >= SHORTEST_LEAK).flatMap(spellings);
  return mapValues(markSecrets(outputs, inputs), (output, key) => {
    if (isSecret(output)) return output;
    if ((named.has(key) && key !== "id") || isSecret(inputs[key])) return makeSecret(output);
    return key === PROVIDER_SOURCE ? output : markLeaks(output, secrets);
  });
}

function markLeaks(value: Json, secrets: readonly string[]): Json {
  if (secrets.length === 0 || isSecret(value)) return value;
  if (typeof value === "string") return secrets.some((secret) => value.includes(secret)) ? makeSecret(value) : value;
  if (Array.isArray(value)) return value.map((element) => markLeaks(element, secrets));
  if (!isMap(value) || value[SIGNATURE] !== undefined) return value;
  return mapValues(value, (inner) => markLeaks(inner, secrets));
}
