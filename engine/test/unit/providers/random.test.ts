/** The random provider. */
import fc from "fast-check";
import { UNKNOWN, type JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { randomProvider } from "@wordpress-autoscaling/engine/src/providers/random";
import { bcryptHash } from "@wordpress-autoscaling/engine/src/providers/random/bcrypt";
import { randomText } from "@wordpress-autoscaling/engine/src/providers/random/text";

const provider = randomProvider();
const PASSWORD = "random:index/randomPassword:RandomPassword";
const base = (type: string) => ({ urn: "u", type, name: "x" });
const create = (type: string, inputs: JsonObject, preview = false) =>
  provider.create({ ...base(type), inputs, timeoutSeconds: 0, preview });
const diff = (type: string, oldOutputs: JsonObject, news: JsonObject) =>
  provider.diff({ ...base(type), id: "none", oldInputs: {}, oldOutputs, news, ignoreChanges: [] });

test("bcrypt agrees with the published vectors", () => {
  const decode = (text: string): Buffer => {
    const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const bits = Array.from(text, (character) => alphabet.indexOf(character).toString(2).padStart(6, "0")).join("");
    return Buffer.from(Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2)));
  };
  for (const [password, hash] of [
    ["", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."],
    ["a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"],
    ["abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"],
    ["~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"],
  ] as const) {
    expect(bcryptHash(password, 6, decode(hash.slice(7, 29)))).toBe(hash);
  }
});

test("a password has its length, its minima and no character that was not allowed", () => {
  const rules = fc.record({
    extra: fc.nat(20),
    upper: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
    minUpper: fc.nat(3),
    minLower: fc.nat(3),
    minNumeric: fc.nat(3),
    minSpecial: fc.nat(3),
    overrideSpecial: fc.constantFrom("", "_", "é€"),
  });
  fc.assert(
    fc.property(rules, ({ extra, ...rule }) => {
      const length = rule.minUpper + rule.minLower + rule.minNumeric + rule.minSpecial + extra;
      const text = Array.from(randomText({ ...rule, lower: true, length }));
      const special = rule.overrideSpecial || "!@#$%&*()-_=+[]{}<>:?";
      const count = (pattern: (character: string) => boolean): number => text.filter(pattern).length;
      const counts = [
        count((c) => /[A-Z]/.test(c)),
        count((c) => /[a-z]/.test(c)),
        count((c) => /\d/.test(c)),
        count((c) => special.includes(c)),
      ];
      expect(text).toHaveLength(length);
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(length);
      [rule.minUpper, rule.minLower, rule.minNumeric, rule.minSpecial].forEach((least, i) =>
        expect(counts[i]).toBeGreaterThanOrEqual(least),
      );
      if (!rule.upper) expect(counts[0]).toBe(rule.minUpper);
      if (!rule.special) expect(counts[3]).toBe(rule.minSpecial);
    }),
  );
});

test("a password is stored as the real provider stores it", async () => {
  const { id, outputs } = await create(PASSWORD, { length: 20, special: false });
  expect(id).toBe("none");
  expect(outputs).toEqual({
    __meta: '{"schema_version":"3"}',
    id: "none",
    length: 20,
    special: false,
    upper: true,
    lower: true,
    number: true,
    numeric: true,
    minUpper: 0,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    result: expect.stringMatching(/^[A-Za-z0-9]{20}$/) as string,
    bcryptHash: expect.stringMatching(/^\$2a\$10\$[./A-Za-z0-9]{53}$/) as string,
  });
  expect((await diff(PASSWORD, outputs, { length: 20, special: false })).changes).toBe("none");
});

test.each<[string, JsonObject, string[]]>([
  ["another length", { length: 21 }, ["length"]],
  ["no special characters", { length: 20, special: false }, ["special"]],
  ["number, the old name of numeric", { length: 20, number: false }, ["numeric", "number"]],
  ["a keeper", { length: 20, keepers: { a: "b" } }, ["keepers"]],
  ["an unknown keeper", { length: 20, keepers: { a: UNKNOWN } }, ["keepers"]],
  ["a default said aloud", { length: 20, upper: true, minUpper: 0 }, []],
])("a new password for %s", async (_, news, diffs) => {
  const { outputs } = await create(PASSWORD, { length: 20 });
  const result = await diff(PASSWORD, outputs, news);
  expect([...result.diffs].sort()).toEqual([...diffs].sort());
  expect(result.replaces.length).toBe(diffs.length);
});

test("a preview makes nothing up", async () => {
  const { id, outputs } = await create(PASSWORD, { length: 20 }, true);
  expect(id).toBe("");
  expect(outputs).toMatchObject({ result: UNKNOWN, bcryptHash: UNKNOWN, length: 20 });
});

test("the forms of a RandomId are one number", async () => {
  const { id, outputs } = await create("random:index/randomId:RandomId", { byteLength: 5, prefix: "p-" });
  const bytes = Buffer.from(id, "base64url");
  const hex = bytes.toString("hex");
  expect(outputs).toMatchObject({
    b64Url: `p-${id}`,
    b64Std: `p-${bytes.toString("base64")}`,
    hex: `p-${hex}`,
    dec: `p-${BigInt(`0x${hex}`).toString()}`,
  });
});

test.each<[string, JsonObject, RegExp]>([
  ["randomString:RandomString", { length: 12 }, /^.{12}$/],
  ["randomInteger:RandomInteger", { min: 3, max: 3 }, /^3$/],
  ["randomUuid:RandomUuid", {}, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["randomBytes:RandomBytes", { length: 3 }, /^[A-Za-z0-9+/]{4}$/],
])("%s: the id is the value", async (type, inputs, pattern) => {
  expect((await create(`random:index/${type}`, inputs)).id).toMatch(pattern);
});

test.each<[JsonObject, string]>([
  [{}, "length"],
  [{ length: 0 }, "length"],
  [{ length: 3, minLower: 4 }, ""],
  [{ length: 3, upper: false, lower: false, numeric: false, special: false }, ""],
  [{ length: 3, lengthy: 4 }, "lengthy"],
])("%j is refused", async (news, property) => {
  const { failures } = await provider.check({ ...base(PASSWORD), news, randomSeed: new Uint8Array(32) });
  expect(failures.map((failure) => failure.property)).toEqual([property]);
});

test("inputs stay as they are, without defaults", async () => {
  const news = { length: 20, keepers: { a: "b" } };
  expect(await provider.check({ ...base(PASSWORD), news, randomSeed: new Uint8Array(32) })).toEqual({
    inputs: news,
    failures: [],
  });
});

test("what is not there is refused by name", async () => {
  await expect(create("random:index/randomPet:RandomPet", {})).rejects.toThrow(/no random:index\/randomPet:RandomPet/);
});
