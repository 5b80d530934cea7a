/** Every input that @pulumi/docker declares is honoured, or refused by name: none is ignored without a word. */
import type { JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider, kindOf } from "@wordpress-autoscaling/engine/src/providers/docker";
import { containerBody, endpointBody } from "@wordpress-autoscaling/engine/src/providers/docker/container-spec";
import { buildOptions } from "@wordpress-autoscaling/engine/src/providers/docker/image-build";
import type { Field, Fields, Shape } from "@wordpress-autoscaling/engine/src/providers/schema";
import { sample } from "./samples";
import { declaredInputs, type Declared } from "./sdk-declarations";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const resources = [
  [CONTAINER, "container.d.ts", "ContainerArgs"],
  ["docker:index/network:Network", "network.d.ts", "NetworkArgs"],
  ["docker:index/volume:Volume", "volume.d.ts", "VolumeArgs"],
  [IMAGE, "remoteImage.d.ts", "RemoteImageArgs"],
] as const;
const nested = (name: string): Declared[] => declaredInputs("@pulumi/docker", "types/input.d.ts", name);

/** Compares a table with a declaration, and goes down into nested ones; returns what differs. */
function differences(fields: Fields, declared: readonly Declared[], path: string): string[] {
  const names = new Set(declared.map(({ name }) => name));
  const invented = Object.keys(fields).filter((name) => fields[name]?.outputOnly !== true && !names.has(name));
  return [
    ...invented.map((name) => `${path}.${name} is not declared`),
    ...declared.flatMap((property) => {
      const field = fields[property.name];
      const at = `${path}.${property.name}`;
      if (field === undefined || field.outputOnly === true) return [`${at} is ignored`];
      return field.refused === undefined ? shapeDifferences(field, property, at) : [];
    }),
  ];
}

const KINDS: Readonly<Record<string, string>> = { string: "text", number: "int", boolean: "bool", map: "map" };

function shapeDifferences(field: Field, property: Declared, at: string): string[] {
  const many = field.kind === "list" || field.kind === "set";
  if (many !== property.many) return [`${at} should${property.many ? "" : " not"} be a list`];
  const element: Shape = many ? field.of : field;
  const kind = KINDS[property.type];
  if (kind !== undefined) return element.kind === kind ? [] : [`${at} should be ${kind}, and is ${element.kind}`];
  return element.kind === "object"
    ? differences(element.fields, nested(property.type), at)
    : [`${at} should be an object`];
}

test.each(resources)("%s: each declared input is in the table, in its shape", (type, file, name) => {
  const declared = declaredInputs("@pulumi/docker", file, name);
  expect(declared.length).toBeGreaterThan(3);
  expect(differences(kindOf(type).fields, declared, name)).toEqual([]);
});

test.each(resources)("%s: a refused input fails check by its name, with a reason", async (type) => {
  const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
  for (const [key, field] of Object.entries(kindOf(type).fields)) {
    if (field.refused === undefined) continue;
    const request = { urn: "u", type, name: "x", news: { [key]: "anything" }, randomSeed: new Uint8Array(32) };
    const { failures } = await provider.check(request);
    expect(failures).toContainEqual({ property: key, reason: expect.stringContaining(field.refused) as string });
  }
});

/** What the life of a container obeys rather than the body of its create call; each has an integration test or a line in the code. */
const ELSEWHERE = [
  "attach",
  "logs",
  "start",
  "wait",
  "waitTimeout",
  "mustRun",
  "name",
  "platform",
  "removeVolumes",
].concat([
  "destroyGraceSeconds",
  "uploads",
  "networksAdvanced",
  // Stored for the real provider, which does not use it either.
  "containerReadRefreshTimeoutMilliseconds",
]);

test("each honoured input of a Container reaches Docker's create call", () => {
  const base: JsonObject = { image: "i" };
  const without = JSON.stringify(containerBody(base));
  const ignored = Object.entries(kindOf(CONTAINER).fields)
    .filter(([key, field]) => field.outputOnly !== true && !ELSEWHERE.includes(key))
    .filter(([key, field]) => JSON.stringify(containerBody({ ...base, [key]: sample(field) })) === without)
    .map(([key]) => key);
  expect(ignored).toEqual([]);
});

/** The nested properties that change nothing in what is sent. `only` narrows to what makes sense together. */
function silent(fields: Fields, base: JsonObject, send: (value: JsonObject) => unknown): string[] {
  const without = JSON.stringify(send(base));
  return Object.entries(fields)
    .filter(([key, field]) => !(key in base) && field.refused === undefined)
    .filter(([key, field]) => JSON.stringify(send({ ...base, [key]: sample(field) })) === without)
    .map(([key]) => key);
}

const elementFields = (key: string): Fields => {
  const field = kindOf(CONTAINER).fields[key];
  if (field?.kind === "object") return field.fields;
  if ((field?.kind === "set" || field?.kind === "list") && field.of.kind === "object") return field.of.fields;
  throw new Error(`${key} has no nested properties`);
};

test.each<[string, JsonObject]>([
  ["ports", { internal: 80 }],
  ["volumes", { containerPath: "/a", volumeName: "v" }],
  ["devices", { hostPath: "/dev/null" }],
  ["deviceRequests", {}],
  ["ulimits", { name: "nofile" }],
  ["hosts", { host: "a", ip: "1.2.3.4" }],
  ["labels", { label: "a", value: "b" }],
  ["healthcheck", {}],
  ["capabilities", {}],
])("each property of %s reaches Docker's create call", (key, base) => {
  const one = kindOf(CONTAINER).fields[key]?.kind === "object";
  const send = (value: JsonObject): unknown => containerBody({ image: "i", [key]: one ? value : [value] });
  expect(silent(elementFields(key), base, send)).toEqual([]);
});

test.each(["bind", "volume", "tmpfs"])("the options of a %s mount reach Docker", (type) => {
  const options = `${type}Options`;
  const field = elementFields("mounts")[options];
  const fields = field?.kind === "object" ? field.fields : {};
  const send = (value: JsonObject): unknown =>
    containerBody({ image: "i", mounts: [{ type, target: "/t", [options]: value }] });
  expect(silent(fields, {}, send)).toEqual([]);
});

test("each property of networksAdvanced reaches Docker's connect call", () => {
  const values: JsonObject = { name: "n", driverOpts: ["a=b"] };
  expect(
    silent(elementFields("networksAdvanced"), { name: "n" }, (value) =>
      endpointBody({ ...value, ...("driverOpts" in value ? values : {}) }),
    ),
  ).toEqual([]);
});

test("each honoured property of a build reaches Docker's build call", () => {
  const build = kindOf(IMAGE).fields["build"];
  const fields = build?.kind === "object" ? build.fields : {};
  const base: JsonObject = { context: "." };
  // The rest is read where the call is made: which builder, what is archived, the logins' header.
  const elsewhere = ["dockerfile", "remoteContext", "useLegacyBuilder", "version", "authConfigs"];
  expect(silent(fields, base, (value) => buildOptions("n", value)).filter((key) => !elsewhere.includes(key))).toEqual(
    [],
  );
});
