import { SECRET, SIGNATURE } from "../model";
import type { Json, JsonObject } from "../provider";
import type { Crypter } from "./crypter";
import { Failure, messageOf } from "../failure";

/** What is shown where a secret's value must not be. */
export const BLINDED = "[secret]";

/** Whether a value is a secret in the form that the engine's parts exchange. */
export function isSecret(value: Json | undefined): value is { [SIGNATURE]: typeof SECRET; value: Json } {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Encrypts a stack's secrets and remembers, per place, which ciphertext stood for which plaintext: an unchanged secret keeps its
 * ciphertext, so that a state file that means the same stays the same.
 */
export class SecretVault {
  private readonly known = new Map<string, { plaintext: string; ciphertext: string }>();

  constructor(private readonly crypter: Crypter) {}

  encrypt(place: string, plaintext: string): string {
    const known = this.known.get(place);
    if (known?.plaintext === plaintext) return known.ciphertext;
    const ciphertext = this.crypter.encrypt(plaintext);
    this.known.set(place, { plaintext, ciphertext });
    return ciphertext;
  }

  decrypt(place: string, ciphertext: string): string {
    const plaintext = this.crypter.decrypt(ciphertext);
    this.known.set(place, { plaintext, ciphertext });
    return plaintext;
  }
}

/** What happens to each secret on the way into or out of a file. */
export interface SecretCodec {
  encrypt(place: string, plaintext: string): string;
  decrypt(place: string, ciphertext: string): string;
}

/** Reads no secret: each becomes the string `[secret]`. Needs no passphrase. */
export const blindCodec: SecretCodec = {
  encrypt: () => {
    throw new Failure("a state that was read without its secrets cannot be written");
  },
  decrypt: () => JSON.stringify(BLINDED),
};

const SEALED = "sealed ciphertext";

/** Leaves secrets as they are encrypted: for changes of a state that need no passphrase. */
export const sealedCodec: SecretCodec = {
  decrypt: (_place, ciphertext) => JSON.stringify({ [SEALED]: ciphertext }),
  encrypt: (place, plaintext) => {
    const sealed = JSON.parse(plaintext) as Json;
    if (isObject(sealed) && typeof sealed[SEALED] === "string") return sealed[SEALED];
    throw new Failure(`the secret at ${place} is not encrypted, and cannot be without the passphrase`);
  },
};

/** From the form of the state file (`ciphertext` or `plaintext`) to the engine's (`value`). */
export function decryptProperties(properties: JsonObject, codec: SecretCodec, place: string): JsonObject {
  return mapObject(properties, (value, key) => decryptValue(value, codec, `${place}.${key}`));
}

/** Marks a number that JSON has no word for: NaN and the infinities, as the hexadecimal digits of their 64 bits. */
const FLOAT = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c";

function writeNumber(value: number): Json {
  if (Number.isFinite(value)) return value;
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return { [SIGNATURE]: FLOAT, value: bits.toString("hex") };
}

function readNumber({ value }: JsonObject, place: string): number {
  if (typeof value === "string" && /^[0-9a-f]{16}$/i.test(value)) return Buffer.from(value, "hex").readDoubleBE();
  throw new Failure(`the number at ${place} is not 16 hexadecimal digits, but ${JSON.stringify(value)}`);
}

function decryptValue(value: Json, codec: SecretCodec, place: string): Json {
  if (Array.isArray(value)) return value.map((item, index) => decryptValue(item, codec, `${place}[${index}]`));
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === FLOAT) return readNumber(value, place);
  if (value[SIGNATURE] !== SECRET) return decryptProperties(value, codec, place);
  const plaintext = typeof value.plaintext === "string" ? value.plaintext : decryptSecret(value, codec, place);
  return secret(withNested(parsePlaintext(plaintext, place)));
}

function decryptSecret(value: JsonObject, codec: SecretCodec, place: string): string {
  if (typeof value.ciphertext !== "string") {
    throw new Failure(`the secret at ${place} has neither a ciphertext nor a plaintext`);
  }
  try {
    return codec.decrypt(place, value.ciphertext);
  } catch (error) {
    throw new Failure(`could not decrypt the secret at ${place}: ${messageOf(error)}`);
  }
}

function parsePlaintext(plaintext: string, place: string): Json {
  try {
    return JSON.parse(plaintext) as Json;
  } catch {
    throw new Failure(`the secret at ${place} does not hold JSON`);
  }
}

/** A secret within a secret is stored as a "ciphertext" that is plain JSON, since the outer one covers it (NopEncrypter). */
function withNested(value: Json): Json {
  if (Array.isArray(value)) return value.map(withNested);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === FLOAT) return readNumber(value, "a secret");
  if (value[SIGNATURE] !== SECRET) return mapObject(value, withNested);
  const json = value.plaintext ?? value.ciphertext;
  return typeof json === "string" ? secret(withNested(JSON.parse(json) as Json)) : value;
}

/** From the engine's form to the state file's. `plaintext: true` writes secrets readable, for `stack export --show-secrets`. */
export function encryptProperties(
  properties: JsonObject,
  codec: SecretCodec,
  place: string,
  plaintext = false,
): JsonObject {
  return mapObject(properties, (value, key) => encryptValue(value, codec, `${place}.${key}`, plaintext));
}

function encryptValue(value: Json, codec: SecretCodec, place: string, plaintext: boolean): Json {
  if (Array.isArray(value)) {
    return value.map((item, index) => encryptValue(item, codec, `${place}[${index}]`, plaintext));
  }
  if (typeof value === "number") return writeNumber(value);
  if (!isObject(value)) return value;
  if (!isSecret(value)) return encryptProperties(value, codec, place, plaintext);
  const json = JSON.stringify(sealNested(value.value, plaintext));
  return plaintext
    ? { [SIGNATURE]: SECRET, plaintext: json }
    : { [SIGNATURE]: SECRET, ciphertext: codec.encrypt(place, json) };
}

function sealNested(value: Json, plaintext: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => sealNested(item, plaintext));
  if (typeof value === "number") return writeNumber(value);
  if (!isObject(value)) return value;
  if (!isSecret(value)) return mapObject(value, (item) => sealNested(item, plaintext));
  const json = JSON.stringify(sealNested(value.value, plaintext));
  return { [SIGNATURE]: SECRET, [plaintext ? "plaintext" : "ciphertext"]: json };
}

/** Replaces each secret by its value, or by `[secret]`. */
export function revealSecrets(value: Json, show: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => revealSecrets(item, show));
  if (!isObject(value)) return value;
  if (isSecret(value)) return show ? revealSecrets(value.value, show) : BLINDED;
  return mapObject(value, (item) => revealSecrets(item, show));
}

function secret(value: Json): JsonObject {
  return { [SIGNATURE]: SECRET, value };
}

/** Keys come out sorted, as Go writes maps. */
function mapObject(object: JsonObject, map: (value: Json, key: string) => Json): JsonObject {
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)]));
}
