/** What counts as a difference, for every resource of the docker provider. */
import fc from "fast-check";
import { UNKNOWN, type Json, type JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { checkInputs } from "@wordpress-autoscaling/engine/src/providers/check";
import { kindOf } from "@wordpress-autoscaling/engine/src/providers/docker";
import { fillOutputs, previewOutputs } from "@wordpress-autoscaling/engine/src/providers/outputs";
import { canonical, diffInputs, sameField } from "@wordpress-autoscaling/engine/src/providers/plan";
import type { Field } from "@wordpress-autoscaling/engine/src/providers/schema";
import { isObject, withoutReserved } from "@wordpress-autoscaling/engine/src/providers/value";
import { inputsOf } from "./arbitrary-inputs";

const CONTAINER = "docker:index/container:Container";
const types = [
  CONTAINER,
  "docker:index/network:Network",
  "docker:index/volume:Volume",
  "docker:index/remoteImage:RemoteImage",
];
const container = kindOf(CONTAINER);

const check = (type: string, news: JsonObject, olds?: JsonObject): JsonObject =>
  checkInputs(
    { urn: "u", type, name: "x", news, randomSeed: new Uint8Array(32), ...(olds ? { olds } : {}) },
    kindOf(type),
  ).inputs;
const stored = (type: string, inputs: JsonObject): JsonObject => {
  const plain = withoutReserved(inputs);
  return fillOutputs(kindOf(type).fields, isObject(plain) ? plain : {});
};
const diff = (type: string, outputs: JsonObject, news: JsonObject, ignoreChanges: string[] = []) =>
  diffInputs(
    { urn: "u", type, name: "x", id: "1", oldInputs: {}, oldOutputs: outputs, news, ignoreChanges },
    kindOf(type),
  );

test.each(types)("%s: stored outputs and the inputs that they came from do not differ", (type) => {
  fc.assert(
    fc.property(inputsOf(kindOf(type).fields), (news) => {
      const inputs = check(type, news);
      expect(diff(type, stored(type, inputs), inputs)).toMatchObject({ changes: "none", replaces: [], diffs: [] });
      // Leaving the empty values out, as another version might, makes no difference either.
      expect(diff(type, inputs, inputs).changes).toBe("none");
    }),
  );
});

const reordered = (items: Json[], ranks: number[]): Json[] => {
  const ranked = items.map((item, i) => ({ item, rank: ranks[i] ?? 0 }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
};

test.each(types)("%s: the order of a set, and saying an element twice, mean nothing", (type) => {
  const shuffled = fc
    .tuple(inputsOf(kindOf(type).fields), fc.array(fc.nat(), { minLength: 4, maxLength: 4 }))
    .map(([inputs, ranks]) => {
      const other: JsonObject = {};
      for (const [key, value] of Object.entries(inputs)) {
        const shuffle = kindOf(type).fields[key]?.kind === "set" && Array.isArray(value);
        other[key] = shuffle ? reordered([...value, ...value.slice(0, 1)], ranks) : value;
      }
      return { inputs, other };
    });
  fc.assert(
    fc.property(shuffled, ({ inputs, other }) => {
      expect(diff(type, stored(type, check(type, inputs)), check(type, other)).diffs).toEqual([]);
    }),
  );
});

test.each(types)("%s: canonical forms are final", (type) => {
  fc.assert(
    fc.property(inputsOf(kindOf(type).fields), (inputs) => {
      for (const [key, field] of Object.entries(kindOf(type).fields)) {
        const once = canonical(field, inputs[key]);
        expect(canonical(field, once)).toEqual(once);
      }
    }),
  );
});

test("a changed property is named, and replaces exactly when its table says so", () => {
  const { fields } = container;
  const names = Object.keys(fields).filter(
    (key) => fields[key]?.outputOnly !== true && fields[key]?.refused === undefined,
  );
  fc.assert(
    fc.property(inputsOf(fields), inputsOf(fields), fc.constantFrom(...names), (news, other, key) => {
      const before = check(CONTAINER, { ...news, name: "n" });
      const wanted = other[key];
      const after = check(CONTAINER, { ...news, name: "n", ...(wanted === undefined ? {} : { [key]: wanted }) });
      const field: Field | undefined = fields[key];
      if (field === undefined) return;
      const result = diff(CONTAINER, stored(CONTAINER, before), after);
      const changed = !sameField(field, stored(CONTAINER, before)[key], after[key]);
      expect(result.diffs).toEqual(changed ? [key] : []);
      if (!changed) return;
      const removed = canonical(field, after[key]) === undefined;
      const replaces = field.replaces === true || (field.replaces === "removal" && removed);
      expect(result.replaces.length > 0).toBe(replaces);
      expect(result.deleteBeforeReplace).toBe(replaces);
      expect(Object.keys(result.detailed ?? {}).length).toBeGreaterThan(0);
    }),
  );
});

const minimal = stored(CONTAINER, check(CONTAINER, { image: "i", name: "n" }));
const against = (outputs: JsonObject, news: JsonObject) =>
  diff(CONTAINER, { ...minimal, ...outputs }, check(CONTAINER, { image: "i", name: "n", ...news }));

test.each<[string, JsonObject, JsonObject]>([
  [
    "durations that are spelled differently",
    { healthcheck: { tests: ["CMD"], startPeriod: "1m0s" } },
    { healthcheck: { tests: ["CMD"], startPeriod: "60s" } },
  ],
  ["cpus that are the same number", { cpus: "0.5" }, { cpus: "0.50" }],
  [
    "capabilities with and without CAP_",
    { capabilities: { adds: ["CAP_NET_ADMIN"] } },
    { capabilities: { adds: ["net_admin"] } },
  ],
  [
    "what the image or the daemon filled in",
    { user: "www-data", command: ["a"], envs: ["A=1"], hostname: "h", shmSize: 64 },
    {},
  ],
  ["Docker's own swap limit beside memory", { memory: 64, memorySwap: 128 }, { memory: 64 }],
  [
    "ports in another order",
    {
      ports: [
        { internal: 80, external: 1 },
        { internal: 81, external: 2 },
      ],
    },
    {
      ports: [
        { internal: 81, external: 2 },
        { internal: 80, external: 1 },
      ],
    },
  ],
  [
    "a host port that Docker chose",
    { ports: [{ internal: 80, external: 32768, ip: "0.0.0.0", protocol: "tcp" }] },
    { ports: [{ internal: 80 }] },
  ],
  [
    "label=disable, which pidMode=host brings",
    { pidMode: "host", securityOpts: ["label=disable", "x"] },
    { pidMode: "host", securityOpts: ["x"] },
  ],
])("no difference: %s", (_, outputs, news) => {
  expect(against(outputs, news).diffs).toEqual([]);
});

test.each<[string, JsonObject, JsonObject, string[]]>([
  ["the order of a command", { command: ["a", "b"] }, { command: ["b", "a"] }, ["command[0]", "command[1]"]],
  ["one env of two", { envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=3"] }, ["envs[1]", "envs[0]"]],
  [
    "a port's host side",
    { ports: [{ internal: 80, external: 1 }] },
    { ports: [{ internal: 80, external: 2 }] },
    ["ports[0].external"],
  ],
  [
    "a health check's interval",
    { healthcheck: { interval: "2s" } },
    { healthcheck: { interval: "3s" } },
    ["healthcheck.interval"],
  ],
  ["one of two log options", { logOpts: { a: "1", b: "2" } }, { logOpts: { a: "1", b: "3" } }, ["logOpts.b"]],
  ["an unknown image", {}, { image: UNKNOWN }, ["image"]],
  ["a limit that is taken away", { cpuShares: 512 }, {}, ["cpuShares"]],
])("a replacement, named by its path: %s", (_, outputs, news, paths) => {
  expect(against(outputs, news).replaces).toEqual(paths);
});

test.each<[string, Json, Json]>([
  ["memory", 64, 128],
  ["cpuShares", 1, 2],
  ["restart", "no", "always"],
  ["mustRun", false, true],
  ["destroyGraceSeconds", 0, 5],
  ["waitTimeout", 60, 61],
])("%s changes in place", (key, before, after) => {
  expect(against({ [key]: before }, { [key]: after })).toMatchObject({ changes: "some", diffs: [key], replaces: [] });
});

test("ignoreChanges hides a path and what is below it, and nothing else", () => {
  const outputs = { ...minimal, healthcheck: { interval: "2s" }, restart: "no" };
  const news = check(CONTAINER, { image: "i", name: "n", healthcheck: { interval: "3s" }, restart: "always" });
  expect(diff(CONTAINER, outputs, news, ["healthcheck"]).diffs).toEqual(["restart"]);
  expect(diff(CONTAINER, outputs, news, ["healthcheck.interval", "restart"]).changes).toBe("none");
  expect(diff(CONTAINER, outputs, news, ["health"]).diffs).toEqual(["healthcheck", "restart"]);
});

test("a network with a name of the program's own is deleted first, one with an automatic name is created first", () => {
  const type = "docker:index/network:Network";
  const own = check(type, { name: "n", internal: true });
  const automatic = check(type, { internal: true });
  expect(diff(type, { ...own, internal: false }, own).deleteBeforeReplace).toBe(true);
  expect(diff(type, { ...automatic, internal: false }, automatic).deleteBeforeReplace).toBe(false);
});

describe("a preview", () => {
  const ports: JsonObject[] = [{ internal: 80 }, { internal: 81, external: 8081 }];
  const { fields, outputs } = container;
  test("of a creation says inputs, defaults and what is empty, and leaves open what Docker will say", () => {
    expect(previewOutputs(fields, outputs, { image: "i", ports }, undefined)).toMatchObject({
      image: "i",
      mustRun: true,
      labels: UNKNOWN,
      networkDatas: UNKNOWN,
      volumes: [],
      user: null,
      ports: [
        { internal: 80, external: UNKNOWN, ip: "0.0.0.0", protocol: "tcp" },
        { internal: 81, external: 8081, ip: "0.0.0.0", protocol: "tcp" },
      ],
    });
  });
  test("of an update keeps what does not change, such as a port that Docker chose", () => {
    const old = {
      ...stored(CONTAINER, { image: "i", ports: [{ internal: 80, external: 32768 }] }),
      networkDatas: [{ ipAddress: "10.0.0.2" }],
    };
    const next = previewOutputs(fields, outputs, { image: "i", ports: [{ internal: 80 }], memory: 64 }, old);
    expect(next).toMatchObject({ ports: [{ external: 32768 }], networkDatas: [{ ipAddress: "10.0.0.2" }], memory: 64 });
  });
});
