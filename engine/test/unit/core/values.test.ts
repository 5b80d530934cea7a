import { inspect } from "node:util";
import fc from "fast-check";
import {
  containsUnknown,
  deepEqual,
  isSecret,
  makeSecret,
  markSecrets,
  plaintext,
  toProvider,
} from "../../../src/core/values";
import { protectOutputs, SecretMask, secretStrings } from "../../../src/core/secrecy";
import { OUTPUT_VALUE, RESOURCE_REFERENCE, SIGNATURE } from "../../../src/model";
import { UNKNOWN, type Json, type JsonObject } from "../../../src/provider";

const key = fc.constantFrom("a", "b", "c", "d");
/** Values with secrets anywhere; each secret has a text of its own, so that it can be found again. */
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, 1, "plain"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3 }),
    fc.integer({ min: 10_000_000 }).map((n) => makeSecret(`secret-${n}`)),
    tie("value").map(makeSecret),
  ),
})).value;
const object: fc.Arbitrary<JsonObject> = fc.dictionary(key, value, { maxKeys: 4 });

/** All strings outside of secrets. */
function visible(json: Json): string {
  return JSON.stringify(json, (_key, inner: Json) => (isSecret(inner) ? null : inner));
}

describe("secrets around a provider call", () => {
  test("no provider is given a mark, and what it echoes has every secret back", () => {
    fc.assert(
      fc.property(object, (inputs) => {
        const given = toProvider(inputs);
        expect(JSON.stringify(given)).not.toContain(SIGNATURE);
        const stored = protectOutputs({ inputs, outputs: markSecrets(given, inputs) });
        for (const secret of secretStrings(inputs)) {
          if (secret.startsWith("secret-")) expect(visible(stored)).not.toContain(secret);
        }
        expect(deepEqual(plaintext(stored), plaintext(inputs))).toBe(true);
      }),
    );
  });

  test("an output that repeats a secret under another name is marked; short ones are not hunted", () => {
    const inputs = { password: makeSecret("correct horse"), pin: makeSecret("1234") };
    const outputs = { url: "http://u:correct horse@h", list: ["x", "correct horse"], port: "12345", id: "n" };
    expect(protectOutputs({ inputs, outputs, additionalSecretOutputs: ["port", "id"] })).toEqual({
      url: makeSecret("http://u:correct horse@h"),
      list: ["x", makeSecret("correct horse")],
      port: makeSecret("12345"),
      id: "n",
    });
  });
});

test("special values in the form that providers understand", () => {
  const reference = (id?: string): JsonObject => ({
    [SIGNATURE]: RESOURCE_REFERENCE,
    urn: "urn:x",
    ...(id === undefined ? {} : { id }),
  });
  expect(toProvider({ a: reference("7"), b: reference(""), c: reference(), d: makeSecret([reference("8")]) })).toEqual({
    a: "7",
    b: UNKNOWN,
    c: "urn:x",
    d: ["8"],
  });
  const output = { [SIGNATURE]: OUTPUT_VALUE, secret: true };
  expect(toProvider({ a: output })).toEqual({ a: UNKNOWN });
  expect(containsUnknown(output)).toBe(true);
});

test("equality ignores null properties, and tells a secret from a plain value", () => {
  expect(deepEqual({ a: 1, b: null }, { a: 1 })).toBe(true);
  expect(deepEqual({ a: [1] }, { a: [1, 2] })).toBe(false);
  expect(deepEqual(makeSecret("x"), "x")).toBe(false);
});

describe("mask", () => {
  test("hides every secret that it learned, the longest first, and the lines of long ones", () => {
    const mask = new SecretMask();
    mask.learn({ a: makeSecret("abc"), b: [makeSecret({ c: "abcdef" })], d: makeSecret("no"), e: "open" });
    mask.learn(makeSecret("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n"));
    expect(mask.apply("abcdef abc no open (a.c)")).toBe("[secret] [secret] no open (a.c)");
    expect(mask.apply("key: MIIEvQIBADANBgkqhkiG9w0")).toBe("key: [secret]");
  });
});

test("a secret is masked, and an output with it marked, in the forms that JSON, console.log and URLs give it", () => {
  const password = "p\"a's\\s w\nord";
  const said = [JSON.stringify({ password }), inspect({ password }), `https://me:${encodeURIComponent(password)}@host`];
  const mask = new SecretMask();
  mask.learn(makeSecret(password));
  expect(said.map((text) => mask.apply(text))).toEqual([
    '{"password":"[secret]"}',
    expect.stringMatching(/^\{ password: ['"`]\[secret\]['"`] \}$/),
    "https://me:[secret]@host",
  ]);
  const inputs = { password: makeSecret(password) };
  expect(protectOutputs({ inputs, outputs: { said } })).toEqual({ said: said.map(makeSecret) });
});
