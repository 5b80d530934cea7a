/** Check and Diff of our Docker provider beside the real one: the same calls, the same answers, but for what README lists. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DiffResult, Json, JsonObject, Provider } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider, kindOf } from "@wordpress-autoscaling/engine/src/providers/docker";
import { fillOutputs } from "@wordpress-autoscaling/engine/src/providers/outputs";
import type { Field } from "@wordpress-autoscaling/engine/src/providers/schema";
import { isObject, withoutReserved } from "@wordpress-autoscaling/engine/src/providers/value";
import { describeWhere, realProviderBinary, startRealProvider } from "../../support/real-provider";
import { inputsAmong, sample } from "../../unit/providers/samples";
import { CONTAINER, IMAGE, NETWORK, VOLUME } from "./fixture";

/**
 * Where ours says "replace" and the real one says "update", and then changes its state but not the container, or fails.
 * `field: which changes`.
 */
const STRICTER: Readonly<Record<string, readonly string[]>> = {
  cpuPeriod: ["remove"],
  cpuQuota: ["remove"],
  cpuSet: ["remove"],
  cpuShares: ["remove"],
  memory: ["remove"],
  memoryReservation: ["remove"],
  deviceReadBps: ["add", "change", "remove"],
  deviceReadIops: ["add", "change", "remove"],
  deviceWriteBps: ["add", "change", "remove"],
  deviceWriteIops: ["add", "change", "remove"],
  healthcheck: ["change"],
  init: ["add", "change"],
  rm: ["add", "change", "remove"],
  tmpfs: ["add", "change", "remove"],
};
/** Where the real one sees a change for ever, and ours none. */
const QUIETER: Readonly<Record<string, readonly string[]>> = { memorySwap: ["remove"] };

/** The least that each type needs. */
const LEAST: Readonly<Record<string, JsonObject>> = {
  [CONTAINER]: { name: "n", image: "i" },
  [NETWORK]: { name: "n" },
  [VOLUME]: { name: "n" },
  [IMAGE]: { name: "n" },
};

test("README's table names each field for which a change has another effect than with the real provider", () => {
  const readme = readFileSync(join(__dirname, "../../../README.md"), "utf8");
  const section = /## Differences to the docker provider\n([^]*?)\n## /.exec(readme)?.[1] ?? "";
  const named = [...Object.keys(STRICTER), ...Object.keys(QUIETER)];
  expect(named.filter((field) => !section.includes(`\`${field}\``))).toEqual([]);
});

describeWhere(
  realProviderBinary("docker") !== undefined,
  "pulumi-resource-docker (on PATH, or installed by a `pulumi` that is on PATH)",
  "ours and the real Docker provider",
  () => {
    const ours = dockerProvider({ log: () => undefined, programFolder: "/" });
    let real: Provider;
    beforeAll(async () => (real = await startRealProvider("docker")));
    afterAll(() => real.close());

    const named = (type: string) => ({ urn: `urn:pulumi:dev::p::${type}::engine-test`, type, name: "engine-test" });
    const check = async (provider: Provider, type: string, news: JsonObject, olds?: JsonObject) =>
      provider.check({ ...named(type), news, ...(olds ? { olds } : {}), randomSeed: new Uint8Array(32) });
    const diff = async (provider: Provider, made: Made, news: JsonObject = made.inputs): Promise<DiffResult> => {
      const { id, inputs: oldInputs, outputs: oldOutputs } = made;
      return provider.diff({ ...named(made.type), id, oldInputs, oldOutputs, news, ignoreChanges: [] });
    };

    describe.each([CONTAINER, NETWORK, VOLUME, IMAGE])("%s", (type) => {
      const { fields, meta } = kindOf(type);
      const least = LEAST[type] ?? {};

      /** A state as either provider stores it. */
      const stored = (inputs: JsonObject): Made => {
        const plain = withoutReserved(inputs) as JsonObject;
        const outputs = fillOutputs(fields, plain);
        for (const [key, field] of Object.entries(fields))
          outputs[key] = plain[key] ?? field.default ?? outputs[key] ?? null;
        if (type === CONTAINER)
          Object.assign(outputs, { networkDatas: [], entrypoints: plain["entrypoints"] ?? ["sh"] });
        if (type === NETWORK)
          for (const [key, value] of Object.entries({ options: {}, driver: "bridge", internal: false }))
            outputs[key] ??= value;
        return { type, id: "i", inputs, outputs: { ...outputs, id: "i", __meta: JSON.stringify(meta) } };
      };

      const changes = inputsAmong(fields).flatMap(([key, field]) => {
        const [one, other] = [0, 1].map((which) => ({ ...least, [key]: allowed(key, field, which as 0 | 1) }));
        if (one === undefined || other === undefined) return [];
        const change = { key, what: "change", before: one, after: other };
        if (field.required === true) return [change];
        return [
          { ...change, what: "add", before: least, after: one },
          change,
          { ...change, what: "remove", before: one, after: least },
        ];
      });

      test.each(changes)(
        "$what $key: the same inputs after check, the same verdict of diff",
        async ({ key, what, before, after }) => {
          const [oldReal, oldOurs] = [await check(real, type, before), await check(ours, type, before)];
          expect(oldOurs).toEqual(oldReal);
          const [newReal, newOurs] = [
            await check(real, type, after, oldReal.inputs),
            await check(ours, type, after, oldReal.inputs),
          ];
          expect(newOurs).toEqual(newReal);

          const state = stored(oldReal.inputs);
          const said = verdict(await diff(real, state, newReal.inputs));
          if (QUIETER[key]?.includes(what)) {
            expect(said.changes).toBe("some");
            Object.assign(said, { changes: "none", diffs: [] });
          } else if (STRICTER[key]?.includes(what)) {
            expect(said.replaces).toEqual([]);
            Object.assign(said, { replaces: [key], deleteBeforeReplace: true });
          }
          expect(verdict(await diff(ours, state, newReal.inputs))).toEqual(said);
        },
      );
    });

    test("every nested property: a change of it alone has the same effect", async () => {
      const differences: string[] = [];
      for (const type of [CONTAINER, NETWORK, VOLUME, IMAGE]) {
        for (const [key, field] of inputsAmong(kindOf(type).fields)) {
          const element = "of" in field ? field.of : field;
          if (element.kind !== "object") continue;
          const one = allowed(key, field, 0);
          const first: Json | undefined = Array.isArray(one) ? one[0] : one;
          if (!isObject(first)) throw new Error(`${key} has no sample`);
          for (const [inner, innerField] of inputsAmong(element.fields)) {
            if (first[inner] === undefined) continue;
            const changed = { ...first, [inner]: sample(innerField, 1) };
            const before = (await check(real, type, { ...LEAST[type], [key]: one })).inputs;
            const after = (
              await check(real, type, { ...LEAST[type], [key]: Array.isArray(one) ? [changed] : changed }, before)
            ).inputs;
            const outputs = {
              ...fillOutputs(kindOf(type).fields, withoutReserved(before) as JsonObject),
              __meta: JSON.stringify(kindOf(type).meta),
            };
            const state = { type, id: "i", inputs: before, outputs };
            const [a, b] = [await diff(real, state, after), await diff(ours, state, after)];
            if (a.diffs.includes(key) !== b.diffs.includes(key))
              differences.push(`${type} ${key}.${inner}: real ${a.diffs.join()}, ours ${b.diffs.join()}`);
          }
        }
      }
      expect(differences).toEqual([]);
    });
  },
);

interface Made {
  readonly type: string;
  readonly id: string;
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
}

/** A sample that a whole resource may have: some properties exclude each other. */
function allowed(key: string, field: Field, which: 0 | 1): Json {
  const value = sample(field, which);
  const only = (names: readonly string[]): Json =>
    (Array.isArray(value) ? value : []).map((item) =>
      isObject(item) ? Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))) : item,
    );
  if (key === "uploads") return only(["file", "content", "executable", "owner", "group", "permissions", "sourceHash"]);
  if (key === "volumes") return only(["containerPath", "volumeName", "readOnly", "selinuxRelabel"]);
  // With BuildKit, ours refuses what only the classic builder obeys.
  return key === "build" && isObject(value) ? { ...value, useLegacyBuilder: true } : value;
}

const top = (paths: readonly string[]): string[] =>
  [...new Set(paths.map((path) => path.replace(/[.[].*/, "")))].sort();
const verdict = ({ changes, diffs, replaces, deleteBeforeReplace }: DiffResult) => ({
  changes,
  diffs: top(diffs),
  replaces: top(replaces),
  deleteBeforeReplace,
});
