/** Our random provider and the real one: what check, diff and create say. */
import type { Json, JsonObject, Provider } from "@wordpress-autoscaling/engine/src/provider";
import { randomProvider } from "@wordpress-autoscaling/engine/src/providers/random";
import { describeWhere, realProviderBinary, startRealProvider } from "../../support/real-provider";

const TYPES: Readonly<Record<string, JsonObject>> = {
  RandomPassword: { length: 20 },
  RandomString: { length: 20 },
  RandomId: { byteLength: 8 },
  RandomBytes: { length: 8 },
  RandomInteger: { min: 1, max: 1 },
  RandomUuid: {},
};
const text: JsonObject = {
  keepers: { a: "2" },
  length: 21,
  upper: false,
  lower: false,
  numeric: false,
  special: false,
};
/** For each type, another value of each input. */
const CHANGES: Readonly<Record<string, JsonObject>> = {
  RandomPassword: {
    ...text,
    minUpper: 1,
    minLower: 1,
    minNumeric: 1,
    minSpecial: 1,
    overrideSpecial: "_",
    number: false,
  },
  RandomString: {
    ...text,
    minUpper: 1,
    minLower: 1,
    minNumeric: 1,
    minSpecial: 1,
    overrideSpecial: "_",
    number: false,
  },
  RandomId: { keepers: { a: "2" }, byteLength: 9, prefix: "p" },
  RandomBytes: { keepers: { a: "2" }, length: 9 },
  RandomInteger: { keepers: { a: "2" }, min: 0, max: 2 },
  RandomUuid: { keepers: { a: "2" } },
};

describeWhere(
  realProviderBinary("random") !== undefined,
  "pulumi-resource-random (on PATH, or installed by a `pulumi` that is on PATH)",
  "ours and the real random provider",
  () => {
    const ours = randomProvider();
    let real: Provider;
    beforeAll(async () => (real = await startRealProvider("random")));
    afterAll(() => real.close());

    const cases = Object.entries(CHANGES).flatMap(([name, inputs]) =>
      Object.entries(inputs).map(([key, value]) => ({ name, key, value })),
    );
    test.each(cases)("$name: $key set, and taken away again", async ({ name, key, value }) => {
      const type = `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
      const named = { urn: `urn:pulumi:dev::p::${type}::x`, type, name: "x" };
      const least: JsonObject = { keepers: { a: "1" }, ...TYPES[name] };
      const states = [least, { ...least, [key]: value }];
      for (const [before = {}, after = {}] of [states, [...states].reverse()]) {
        const said: Json[] = [];
        for (const provider of [real, ours]) {
          const check = (news: JsonObject) => provider.check({ ...named, news, randomSeed: new Uint8Array(32) });
          const [old, wanted] = [await check(before), await check(after)];
          const { id, outputs } = await provider.create({
            ...named,
            inputs: old.inputs,
            timeoutSeconds: 0,
            preview: false,
          });
          const diff = await provider.diff({
            ...named,
            id,
            oldInputs: old.inputs,
            oldOutputs: outputs,
            news: wanted.inputs,
            ignoreChanges: [],
          });
          const { changes, replaces, diffs, deleteBeforeReplace } = diff;
          const roots = (paths: readonly string[]): string[] =>
            [...new Set(paths.map((path) => path.replace(/[.[].*/, "")))].sort();
          const verdict = { changes, replaces: roots(replaces), diffs: roots(diffs), deleteBeforeReplace };
          said.push({
            inputs: old.inputs,
            wanted: wanted.inputs,
            failures: wanted.failures.length,
            outputs: shapeOf(outputs),
            verdict,
          });
        }
        expect(said[1]).toEqual(said[0]);
      }
    });
  },
);

/** Outputs with what is made at random as its length, or, of numbers, as their type. */
function shapeOf(outputs: JsonObject): JsonObject {
  const made = ["id", "result", "bcryptHash", "b64Std", "b64Url", "hex", "base64"];
  const shape = (key: string, value: Json): Json => {
    if (key === "dec" || (key === "result" && typeof value === "number")) return typeof value;
    return made.includes(key) && typeof value === "string" ? value.length : value;
  };
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([key, value]) => value !== null && key !== "__pulumi_raw_state_delta")
      .map(([key, value]): [string, Json] => [key, shape(key, value)]),
  );
}
