import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import fc from "fast-check";
import { protectOutputs, secretStrings } from "../../../src/core/secrecy";
import { fromStruct, toStruct } from "../../../src/core/struct";
import { containsSecret, containsUnknown, downgradeOutputs, plaintext, toProvider } from "../../../src/core/values";
import { ARCHIVE, ASSET, OUTPUT_VALUE, RESOURCE_REFERENCE, SECRET, SIGNATURE } from "../../../src/model";
import { UNKNOWN, type Json, type JsonObject } from "../../../src/provider";
import { decryptProperties, encryptProperties } from "../../../src/state/properties";

/** Keys that a careless loop over an object would trip over. */
const key = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => text !== "__proto__"),
  fc.constantFrom("", "a", "value", "secret", "constructor", "toString", "length", "0", "__defaults", "a.b[0]"),
);
const plain: fc.Arbitrary<Json> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.string({ unit: "grapheme" }),
);
const special = (signature: string, rest: JsonObject): JsonObject => ({ [SIGNATURE]: signature, ...rest });
const secretText = fc.nat().map((n) => `planted-${n}-${n * 7}`);
const reference = fc
  .record({ urn: fc.constant("urn:pulumi:s::p::t::n") })
  .chain((rest) =>
    fc.constantFrom<JsonObject>(
      special(RESOURCE_REFERENCE, rest),
      special(RESOURCE_REFERENCE, { ...rest, id: "i", packageVersion: "1.2.3" }),
      special(RESOURCE_REFERENCE, { ...rest, id: "" }),
    ),
  );
const asset = fc
  .tuple(fc.constantFrom("text", "path", "uri"), fc.string())
  .map(([kind, text]) => special(ASSET, { [kind]: text, hash: "a1" }));

/** Everything that a program can pass; `outputs` only on the way from the SDK, unknowns only in previews. */
function values({ outputs, unknowns }: { outputs: boolean; unknowns: boolean }): fc.Arbitrary<JsonObject> {
  const { map } = fc.letrec<{ value: Json; map: JsonObject }>((tie) => {
    const dictionary = fc.dictionary(key, tie("value"), { maxKeys: 4 });
    const output = fc
      .record(
        { value: tie("value"), secret: fc.boolean(), dependencies: fc.array(fc.constant("urn:a")) },
        { requiredKeys: [] },
      )
      .filter((rest) => unknowns || rest.value !== undefined)
      .map((rest) => special(OUTPUT_VALUE, rest as JsonObject));
    return {
      map: dictionary,
      value: fc.oneof(
        { maxDepth: 5 },
        plain,
        secretText.map((text) => special(SECRET, { value: text })),
        reference,
        asset,
        ...(unknowns ? [fc.constant(UNKNOWN)] : []),
        fc.array(tie("value"), { maxLength: 3 }),
        dictionary,
        tie("value").map((value) => special(SECRET, { value })),
        fc.dictionary(fc.constantFrom("f", "g"), asset).map((assets) => special(ARCHIVE, { assets, hash: "a2" })),
        ...(outputs ? [output] : []),
      ),
    };
  });
  return map;
}

/** A stand-in for encryption under which nothing of the text is left to see. */
const codec = {
  encrypt: (_place: string, text: string) => Buffer.from(text).toString("base64"),
  decrypt: (_place: string, text: string) => Buffer.from(text, "base64").toString(),
};
const some = (json: Json, test: (map: JsonObject) => boolean): boolean =>
  typeof json === "object" &&
  json !== null &&
  ((!Array.isArray(json) && test(json)) || Object.values(json).some((inner: Json) => some(inner, test)));
const marked = (json: Json, ...signatures: string[]): boolean =>
  some(json, (map) => signatures.some((signature) => map[SIGNATURE] === signature));

describe("property values", () => {
  test("cross the wire unchanged", () => {
    fc.assert(
      fc.property(values({ outputs: true, unknowns: true }), (value) => {
        const bytes = toStruct(value).serializeBinary();
        expect(fromStruct(Struct.deserializeBinary(bytes))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  test("come back from the state as they went in, and leave no secret readable there", () => {
    fc.assert(
      fc.property(values({ outputs: false, unknowns: false }), (value) => {
        const stored = JSON.stringify(encryptProperties(value, codec, "p"));
        expect(stored).not.toContain("planted-");
        expect(decryptProperties(JSON.parse(stored) as JsonObject, codec, "p")).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });

  test("an export with its secrets shown reads as the same", () => {
    fc.assert(
      fc.property(values({ outputs: false, unknowns: false }), (value) => {
        const shown = JSON.stringify(encryptProperties(value, codec, "p", true));
        expect(decryptProperties(JSON.parse(shown) as JsonObject, codec, "p")).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("of outputs the value stays, its secrecy, and whether it is known; who it came from does not", () => {
    fc.assert(
      fc.property(values({ outputs: true, unknowns: true }), (value) => {
        const downgraded = downgradeOutputs(value);
        expect(marked(downgraded, OUTPUT_VALUE)).toBe(false);
        expect(downgradeOutputs(downgraded)).toEqual(downgraded);
        expect(containsUnknown(downgraded)).toBe(containsUnknown(value));
        expect(containsSecret(downgraded)).toBe(containsSecret(value));
        expect(new Set(secretStrings(downgraded))).toEqual(new Set(secretStrings(value)));
      }),
      { numRuns: 1000 },
    );
  });

  test("what a provider is given has neither secrets nor outputs nor references, and all of the rest", () => {
    fc.assert(
      fc.property(values({ outputs: true, unknowns: true }), (value) => {
        const given = toProvider(value);
        expect(marked(given, SECRET, OUTPUT_VALUE, RESOURCE_REFERENCE)).toBe(false);
        expect(toProvider(given)).toEqual(given);
        expect(toProvider(downgradeOutputs(value))).toEqual(given);
        expect(toProvider(plaintext(value) as JsonObject)).toEqual(given);
        expect(marked(given, ASSET, ARCHIVE)).toBe(marked(downgradeOutputs(value), ASSET, ARCHIVE));
      }),
      { numRuns: 1000 },
    );
  });

  test("what marks a secret, names a resource or is not known yet is itself no secret", () => {
    const urn = "urn:pulumi:s::p::t::n";
    const inputs = {
      unknown: special(SECRET, { value: UNKNOWN }),
      resource: special(SECRET, { value: special(RESOURCE_REFERENCE, { urn, id: "some-long-id" }) }),
      asset: special(SECRET, { value: special(ASSET, { text: "planted-text", hash: "0123456789" }) }),
    };
    expect(secretStrings(inputs)).toEqual(["planted-text"]);
    const outputs = { made: UNKNOWN, of: urn };
    expect(protectOutputs({ inputs, outputs })).toEqual(outputs);
  });
});
