/** What a program's inputs become, and what is refused. */
import { UNKNOWN, type CheckResult, type JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider } from "@wordpress-autoscaling/engine/src/providers/docker";

const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
const CONTAINER = "docker:index/container:Container";
const seed = new Uint8Array(32).fill(7);
const check = (news: JsonObject, olds?: JsonObject, type = CONTAINER): Promise<CheckResult> =>
  provider.check({ urn: "u", type, name: "web", news, randomSeed: seed, ...(olds ? { olds } : {}) });

test("a container's defaults are written out as the real provider writes them", async () => {
  const { inputs, failures } = await check({
    image: "i",
    ports: [{ internal: 80 }],
    healthcheck: { tests: ["CMD", "true"] },
  });
  expect(failures).toEqual([]);
  expect(inputs).toEqual({
    __defaults: [
      "containerReadRefreshTimeoutMilliseconds",
      "mustRun",
      "name",
      "networkMode",
      "removeVolumes",
      "restart",
      "start",
      "waitTimeout",
    ],
    image: "i",
    name: expect.stringMatching(/^web-[0-9a-f]{7}$/) as string,
    containerReadRefreshTimeoutMilliseconds: 15000,
    mustRun: true,
    networkMode: "bridge",
    removeVolumes: true,
    restart: "no",
    start: true,
    waitTimeout: 60,
    ports: [{ __defaults: ["ip", "protocol"], internal: 80, ip: "0.0.0.0", protocol: "tcp" }],
    healthcheck: {
      __defaults: ["interval", "startInterval", "startPeriod", "timeout"],
      tests: ["CMD", "true"],
      interval: "0s",
      startInterval: "0s",
      startPeriod: "0s",
      timeout: "0s",
    },
  });
});

test("an automatic name depends on the seed and stays while there are old inputs", async () => {
  const first = (await check({ image: "i" })).inputs;
  expect((await check({ image: "i" })).inputs["name"]).toBe(first["name"]);
  const other = await provider.check({
    urn: "u",
    type: CONTAINER,
    name: "web",
    news: { image: "i" },
    randomSeed: new Uint8Array(32),
  });
  expect(other.inputs["name"]).not.toBe(first["name"]);
  const kept = await check({ image: "j" }, { ...first, name: "web-0000000" });
  expect(kept.inputs["name"]).toBe("web-0000000");
});

test("a default of the last deployment is kept, an input of it is not", async () => {
  const olds = { __defaults: ["waitTimeout", "logs"], waitTimeout: 30, logs: false, restart: "always" };
  const { inputs } = await check({ image: "i" }, olds);
  expect(inputs).toMatchObject({ waitTimeout: 30, logs: false, restart: "no" });
});

test.each<[string, JsonObject, string]>([
  ["a missing image", {}, "image"],
  ["an input that does not exist", { image: "i", imagee: "x" }, "imagee"],
  ["an output as an input", { image: "i", exitCode: 1 }, "exitCode"],
  ["a missing nested property", { image: "i", ports: [{ external: 1 }] }, "ports[0].internal"],
  ["text for a number", { image: "i", memory: "much" }, "memory"],
  ["a fraction for a whole number", { image: "i", memory: 1.5 }, "memory"],
  ["a list for a text", { image: ["i"] }, "image"],
  ["a text for a list", { image: "i", envs: "A=1" }, "envs"],
  ["a wrong restart policy", { image: "i", restart: "sometimes" }, "restart"],
  ["a health check without unit", { image: "i", healthcheck: { interval: "5" } }, "healthcheck.interval"],
  [
    "permissions that are not octal",
    { image: "i", uploads: [{ file: "/a", content: "x", permissions: "888" }] },
    "uploads[0].permissions",
  ],
  [
    "two contents of one upload",
    { image: "i", uploads: [{ file: "/a", content: "x", contentBase64: "eA==" }] },
    "uploads[0]",
  ],
  [
    "an upload into a read-only container",
    { image: "i", readOnly: true, uploads: [{ file: "/a", content: "x" }] },
    "uploads",
  ],
  ["a volume without a path", { image: "i", volumes: [{ volumeName: "v" }] }, "volumes[0]"],
  ["less swap limit than memory", { image: "i", memory: 64, memorySwap: 32 }, "memorySwap"],
  ["waiting for a container that is not started", { image: "i", wait: true, start: false }, "wait"],
])("refused, by its path: %s", async (_, news, property) => {
  const { failures } = await check(news);
  expect(failures.map((failure) => failure.property)).toEqual([property]);
  expect(failures[0]?.reason).not.toBe("");
});

test("numbers and flags may come as texts, and texts as numbers, as configuration gives them", async () => {
  const { inputs, failures } = await check({ image: "i", memory: "64", mustRun: "false", hostname: 5 });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ memory: 64, mustRun: false, hostname: "5" });
});

test("unknown values pass wherever they are", async () => {
  const news = {
    image: UNKNOWN,
    restart: UNKNOWN,
    ports: UNKNOWN,
    envs: [UNKNOWN],
    uploads: [{ file: UNKNOWN, content: UNKNOWN }],
    memorySwap: UNKNOWN,
  };
  const { inputs, failures } = await check({
    ...news,
    memory: 64,
    volumes: [{ containerPath: UNKNOWN, hostPath: UNKNOWN }],
  });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ image: UNKNOWN, ports: UNKNOWN, envs: [UNKNOWN] });
});

const IMAGE = "docker:index/remoteImage:RemoteImage";
test.each(["memory", "cpuShares", "squash", "securityOpts"])(
  "build.%s, which BuildKit ignores, is refused unless the classic builder is asked for",
  async (key) => {
    const value = key === "squash" ? true : key === "securityOpts" ? ["x"] : 5;
    const build = { context: ".", [key]: value };
    expect((await check({ name: "n", build }, undefined, IMAGE)).failures.map(({ property }) => property)).toEqual([
      `build.${key}`,
    ]);
    expect(
      (await check({ name: "n", build: { ...build, useLegacyBuilder: true } }, undefined, IMAGE)).failures,
    ).toEqual([]);
  },
);

test("a type that does not exist is refused by name, with what there is instead", async () => {
  await expect(check({}, undefined, "docker:index/image:Image")).rejects.toThrow(
    /docker:index\/image:Image.*RemoteImage with `build`/,
  );
  await expect(provider.invoke("docker:index/getNetwork:getNetwork", {})).rejects.toThrow(/getNetwork/);
});
