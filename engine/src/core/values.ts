/**
 * Property values in Pulumi's wire form. Values are never modified in place: every function returns a new one, so that a saved
 * snapshot may share them with a running deployment.
 */
import { ARCHIVE, ASSET, OUTPUT_VALUE, RESOURCE_REFERENCE, SECRET, SIGNATURE } from "../model";
import { UNKNOWN, type Json, type JsonObject } from "../provider";

/** A map, with or without a signature. */
export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function signatureOf(value: Json | undefined): Json | undefined {
  return isMap(value) ? value[SIGNATURE] : undefined;
}

/** A map that is just data: no secret, reference, asset or output. */
export function isPlainMap(value: Json | undefined): value is JsonObject {
  return isMap(value) && value[SIGNATURE] === undefined;
}

export function isSecret(value: Json | undefined): value is JsonObject {
  return signatureOf(value) === SECRET;
}

function isAssetOrArchive(value: Json): boolean {
  const signature = signatureOf(value);
  return signature === ASSET || signature === ARCHIVE;
}

export function containsAsset(value: Json | undefined): boolean {
  return some(value, isAssetOrArchive);
}

/** Marks a value as secret; one that is already stays as it is. */
export function makeSecret(value: Json): JsonObject {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without its outermost secret mark. */
export function reveal(value: Json): Json {
  return isSecret(value) ? reveal(value.value ?? null) : value;
}

/** Whether a value or anything inside it satisfies `test`. */
function some(value: Json | undefined, test: (value: Json) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((element) => some(element, test));
  return isMap(value) && Object.values(value).some((element) => some(element, test));
}

export function containsSecret(value: Json | undefined): boolean {
  return some(value, (v) => isSecret(v) || (signatureOf(v) === OUTPUT_VALUE && isMap(v) && v.secret === true));
}

export function containsUnknown(value: Json | undefined): boolean {
  return some(value, (v) => v === UNKNOWN || (signatureOf(v) === OUTPUT_VALUE && isMap(v) && v.value === undefined));
}

/** Applies `convert` to every special value; it gets the converter for what lies inside. */
function rewrite(value: Json, convert: (special: JsonObject, inner: (value: Json) => Json) => Json): Json {
  const inner = (v: Json): Json => rewrite(v, convert);
  if (Array.isArray(value)) return value.map(inner);
  if (!isMap(value)) return value;
  if (value[SIGNATURE] !== undefined) return convert(value, inner);
  return mapValues(value, inner);
}

export function mapValues(object: JsonObject, convert: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, convert(value, key)]));
}

/** Turns the outputs that newer SDKs send (value, secret, dependencies) into plain, secret or unknown values. */
export function downgradeOutputs(object: JsonObject): JsonObject {
  return rewriteMap(object, (special, inner) => {
    if (special[SIGNATURE] !== OUTPUT_VALUE) return mapValues(special, inner);
    const value = special.value === undefined ? UNKNOWN : inner(special.value);
    return special.secret === true ? makeSecret(value) : value;
  });
}

/** What a provider is given: no secrets, no outputs, and instead of a resource its id (a component's URN). */
export function toProvider(object: JsonObject): JsonObject {
  return rewriteMap(object, providerForm);
}

function providerForm(special: JsonObject, inner: (value: Json) => Json): Json {
  switch (special[SIGNATURE]) {
    case SECRET:
      return inner(special.value ?? null);
    case OUTPUT_VALUE:
      return special.value === undefined ? UNKNOWN : inner(special.value);
    case RESOURCE_REFERENCE:
      if (special.id === undefined) return special.urn ?? null;
      return special.id === "" || special.id === null ? UNKNOWN : special.id;
    default:
      return mapValues(special, inner);
  }
}

/** The value with every secret inside it revealed; for comparisons and for masks, never for display or storage. */
export function plaintext(value: Json): Json {
  return rewrite(value, (special, inner) =>
    special[SIGNATURE] === SECRET ? inner(special.value ?? null) : mapValues(special, inner),
  );
}

function rewriteMap(
  object: JsonObject,
  convert: (special: JsonObject, inner: (value: Json) => Json) => Json,
): JsonObject {
  return mapValues(object, (value) => rewrite(value, convert));
}

/**
 * Marks again what was secret before a provider saw it: a property whose input held a secret is secret; where both are maps, only
 * the parts that were. A list with one secret becomes a secret as a whole, since providers may reorder it.
 */
export function markSecrets(outputs: JsonObject, inputs: JsonObject): JsonObject {
  return mapValues(outputs, (output, key) => {
    const input = inputs[key];
    if (input === undefined || isSecret(output)) return output;
    if (isPlainMap(output) && isPlainMap(input)) return markSecrets(output, input);
    return containsSecret(input) ? makeSecret(output) : output;
  });
}

/** Equality as Pulumi has it: a null property is as good as none; a secret equals only a secret. */
export function deepEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false;
    return a.length === b.length && a.every((element, i) => deepEqual(element, b[i]));
  }
  if (!isMap(a) || !isMap(b)) return (a ?? null) === (b ?? null);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => deepEqual(a[key] ?? undefined, b[key] ?? undefined));
}
