/**
 * What our Docker provider and the real one make of the same inputs: outputs, what Docker then says, what a refresh reads, and what
 * each sees in a state that the other has written.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject, Provider, ReadResult } from "@wordpress-autoscaling/engine/src/provider";
import { kindOf } from "@wordpress-autoscaling/engine/src/providers/docker";
import { isObject, text } from "@wordpress-autoscaling/engine/src/providers/value";
import { describeWhere, realProviderBinary, startRealProvider } from "../../support/real-provider";
import { inputsAmong } from "../../unit/providers/samples";
import { BASE, CONTAINER, docker, Fixture, IMAGE, labels, NETWORK, VOLUME } from "./fixture";

const sleeper: JsonObject = { image: BASE, command: ["sleep", "600"] };
const healthcheck = { tests: ["CMD", "true"], interval: "5s", retries: 2, startPeriod: "1m0s" };

/** Every input that Docker takes from a container that is made, but not started: so no device or kernel feature has to be there. */
const everything: JsonObject = {
  ...sleeper,
  start: false,
  mustRun: false,
  wait: false,
  waitTimeout: 5,
  attach: false,
  logs: false,
  containerReadRefreshTimeoutMilliseconds: 1000,
  capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"] },
  cgroupParent: "/engine-test",
  cgroupnsMode: "private",
  cpuSet: "0",
  cpuShares: 256,
  cpus: "0.5",
  destroyGraceSeconds: 1,
  deviceCgroupRules: ["c 1:3 mr"],
  devices: [{ hostPath: "/dev/null", containerPath: "/dev/nothing", permissions: "r" }],
  dns: ["192.0.2.1", "192.0.2.0"],
  dnsOpts: ["ndots:1"],
  dnsSearches: ["example.org"],
  domainname: "example.net",
  entrypoints: ["sh", "-c"],
  envs: ["B=2", "A=1"],
  groupAdds: ["7"],
  healthcheck,
  hostname: "inside",
  hosts: [{ host: "other", ip: "192.0.2.2" }],
  init: true,
  ipcMode: "private",
  logDriver: "json-file",
  logOpts: { "max-size": "1m" },
  maxRetryCount: 3,
  memory: 64,
  memoryReservation: 32,
  memorySwap: 96,
  mounts: [
    { type: "tmpfs", target: "/fast", tmpfsOptions: { sizeBytes: 1048576, mode: 448 } },
    { type: "bind", target: "/host", source: "/tmp", readOnly: true, bindOptions: { propagation: "rprivate" } },
  ],
  networkMode: "bridge",
  ports: [{ internal: 80, external: 18990, ip: "127.0.0.1", protocol: "udp" }],
  privileged: true,
  publishAllPorts: true,
  readOnly: true,
  removeVolumes: false,
  restart: "on-failure",
  rm: false,
  runtime: "runc",
  securityOpts: ["no-new-privileges"],
  shmSize: 32,
  stdinOpen: true,
  stopSignal: "SIGINT",
  stopTimeout: 3,
  sysctls: { "net.core.somaxconn": "256" },
  tmpfs: { "/scratch": "size=1m" },
  tty: true,
  ulimits: [{ name: "nofile", soft: 100, hard: 200 }],
  user: "33",
  usernsMode: "host",
  volumes: [{ containerPath: "/data", hostPath: "/tmp", readOnly: true }, { containerPath: "/anonymous" }],
  workingDir: "/tmp",
};
/** In cases of their own, or not to be had on every machine. */
const NOT_IN_EVERYTHING = [
  "bridge",
  "cpuPeriod",
  "cpuQuota",
  "deviceReadBps",
  "deviceReadIops",
  "deviceRequests",
].concat([
  "deviceWriteBps",
  "deviceWriteIops",
  "gpus",
  "labels",
  "name",
  "networksAdvanced",
  "pidMode",
  "platform",
  "storageOpts",
  "uploads",
]);

describeWhere(
  realProviderBinary("docker") !== undefined,
  "pulumi-resource-docker (on PATH, or installed by a `pulumi` that is on PATH)",
  "what ours and the real Docker provider make",
  () => {
    let fixture: Fixture;
    let both: { readonly ours: Provider; readonly real: Provider };
    beforeAll(async () => {
      fixture = await Fixture.start();
      both = { ours: fixture.provider, real: await startRealProvider("docker") };
      mkdirSync(join(fixture.folder, "app"));
      writeFileSync(join(fixture.folder, "app/Dockerfile"), `FROM ${BASE} AS one\nARG WORD\nRUN echo $WORD >/word\n`);
    });
    afterAll(async () => {
      await both.real.close();
      await fixture.stop();
    });

    /** Makes a resource with one provider, looks at it from all sides, and removes it. */
    async function life(by: "ours" | "real", type: string, news: JsonObject) {
      const [provider, other] = by === "ours" ? [both.ours, both.real] : [both.real, both.ours];
      const named = { urn: `urn:pulumi:dev::p::${type}::engine-test`, type, name: "engine-test" };
      const { inputs, failures } = await provider.check({ ...named, news, randomSeed: new Uint8Array(32) });
      expect(failures).toEqual([]);
      const create = (preview: boolean) => provider.create({ ...named, inputs, timeoutSeconds: 0, preview });
      const previewed = await create(true);
      const { id, outputs } = await create(false);
      const state = { ...named, id, oldInputs: inputs, oldOutputs: outputs };
      try {
        const same = (who: Provider, oldOutputs: JsonObject) =>
          who.diff({ ...state, oldOutputs, news: inputs, ignoreChanges: [] });
        const read = (who: Provider): Promise<ReadResult> => who.read({ ...named, id, inputs, outputs });
        const [mine, others] = [await read(provider), await read(other)];
        return {
          id,
          outputs,
          previewed: previewed.outputs,
          refreshed: mine.outputs,
          // Whoever comes next, before or after a refresh of either, has nothing to do.
          unchanged: {
            forTheOther: (await same(other, outputs)).diffs,
            afterTheOthersRefresh: (await same(both.ours, others.outputs)).diffs,
          },
          refreshedByTheOther: others.outputs,
          imported: type === IMAGE ? undefined : withoutDefaults(type, (await provider.read({ ...named, id })).outputs),
          inspected: await inspect(type, id),
        };
      } finally {
        const volumes = type === CONTAINER && news["removeVolumes"] === false ? await volumesOf(id) : [];
        await provider.delete({ ...state, timeoutSeconds: 0 });
        // They are there still, or this fails.
        for (const volume of volumes) await docker.getVolume(volume).remove();
      }
    }

    async function volumesOf(container: string): Promise<string[]> {
      const { Mounts } = await docker.getContainer(container).inspect();
      return Mounts.flatMap((mount) => (mount.Type === "volume" && mount.Name !== undefined ? [mount.Name] : []));
    }

    test("the container with everything has every input, but for those of other cases", () => {
      const inputs = inputsAmong(kindOf(CONTAINER).fields).map(([key]) => key);
      expect(inputs.filter((key) => !(key in everything))).toEqual(
        inputs.filter((key) => NOT_IN_EVERYTHING.includes(key)),
      );
    });

    test.each<[string, string, JsonObject]>([
      ["a container with nothing but a command", CONTAINER, sleeper],
      ["a container with everything, not started", CONTAINER, everything],
      [
        "a container with files, labels and a port of Docker's choice",
        CONTAINER,
        {
          ...sleeper,
          uploads: [
            { file: "/etc/b", content: "b", permissions: "0600", owner: "33", group: "44" },
            { file: "/etc/a", contentBase64: "YQ==", executable: true },
          ],
          labels: [...labels, { label: "b", value: "1" }, { label: "a", value: "2" }],
          ports: [{ internal: 80, ip: "127.0.0.1" }],
          cpuPeriod: 100000,
          cpuQuota: 50000,
          pidMode: "host",
        },
      ],
      [
        "a one-shot",
        CONTAINER,
        { ...sleeper, command: ["sh", "-c", "echo out; exit 3"], attach: true, logs: true, mustRun: false },
      ],
      ["a network with nothing", NETWORK, {}],
      [
        "a network with everything",
        NETWORK,
        {
          driver: "bridge",
          internal: true,
          attachable: true,
          ipv6: false,
          ingress: false,
          labels: [...labels, { label: "a", value: "1" }],
          options: { "com.docker.network.bridge.enable_icc": "false" },
          ipamDriver: "default",
          ipamConfigs: [
            {
              subnet: "10.213.92.0/24",
              gateway: "10.213.92.1",
              ipRange: "10.213.92.128/25",
              auxAddress: { r: "10.213.92.5" },
            },
          ],
        },
      ],
      ["a volume with nothing", VOLUME, {}],
      [
        "a volume with everything",
        VOLUME,
        {
          driver: "local",
          labels: [...labels, { label: "a", value: "1" }],
          driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
        },
      ],
      ["an image that is there", IMAGE, { name: BASE, keepLocally: true }],
      [
        "an image that is built",
        IMAGE,
        { build: { buildArgs: { WORD: "w" }, labels: { a: "b" }, tags: ["engine-test:also"] }, triggers: { a: "1" } },
      ],
      [
        "an image that the classic builder builds",
        IMAGE,
        { build: { useLegacyBuilder: true, target: "one", dockerfile: "Dockerfile" }, forceRemove: true },
      ],
    ])("%s", async (_, type, news) => {
      const name = fixture.name("both");
      const build = news["build"];
      const all: JsonObject = {
        name: type === IMAGE ? `engine-test:both-${process.pid}` : name,
        ...(type === IMAGE ? {} : { labels }),
        ...news,
        ...(isObject(build) ? { build: { ...build, context: join(fixture.folder, "app") } } : {}),
      };
      const [real, ours] = [await life("real", type, all), await life("ours", type, all)];
      const plain = ({ id, ...rest }: typeof real): Json | undefined =>
        comparable(JSON.parse(JSON.stringify(rest).replaceAll(id, "<id>").replaceAll(id.slice(0, 12), "<id>")) as Json);
      expect(plain(ours)).toEqual(plain(real));
      expect(ours.unchanged).toEqual({ forTheOther: [], afterTheOthersRefresh: [] });
    });

    test.each<JsonObject>([{}, { useLegacyBuilder: true }])(
      "a build gets the same files, whatever .dockerignore says: %j",
      async (builder) => {
        const context = join(fixture.folder, `context${Object.keys(builder).length}`);
        const files = [
          "a.txt",
          "b.md",
          "c.log",
          "deep/a.txt",
          "deep/er/b.md",
          "deep/er/c.log",
          "keep/c.log",
          "keep/d.log",
        ].concat([
          ".hidden",
          "#odd",
          "node_modules/x/index.js",
          "node_modules/x/README.md",
          "Dockerfile.other",
          "sp ace/x",
        ]);
        for (const file of files) {
          mkdirSync(join(context, file, ".."), { recursive: true });
          writeFileSync(join(context, file), file, { mode: file.endsWith(".js") ? 0o755 : 0o640 });
        }
        const rules = [
          "# a comment",
          "",
          "**/*.log",
          "!keep/*.log",
          "keep/d.log",
          "node_modules",
          "!node_modules/x/README.md",
        ];
        writeFileSync(
          join(context, ".dockerignore"),
          [...rules, "/deep/*/b.md", "\\#odd", "Dockerfile.*", "  sp ace  ", "./b.md/"].join("\n"),
        );
        writeFileSync(join(context, "Dockerfile"), `FROM ${BASE}\nCOPY . /app\n`);
        const seen: string[] = [];
        for (const [who, provider] of Object.entries(both)) {
          const name = `engine-test:${who}-context-${process.pid}`;
          const named = { urn: `urn:pulumi:dev::p::${IMAGE}::${who}`, type: IMAGE, name: who };
          const { inputs } = await provider.check({
            ...named,
            news: { name, build: { context, ...builder } },
            randomSeed: new Uint8Array(32),
          });
          await provider.create({ ...named, inputs, timeoutSeconds: 0, preview: false });
          const list = "busybox find /app -mindepth 1 -exec stat -c '%n %a %u' {} + | busybox sort";
          const made = await fixture.create(CONTAINER, {
            name: fixture.name("list"),
            image: name,
            command: ["sh", "-c", list],
            attach: true,
            logs: true,
            mustRun: false,
          });
          seen.push(text(made.outputs, "containerLogs"));
        }
        const [ours, real] = seen;
        expect(ours).toBe(real);
        expect(ours).toContain("/app/keep/c.log");
      },
    );
  },
);

/** An import by the real provider leaves defaults out, and the next update then "changes" them. */
const withoutDefaults = (type: string, outputs: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(outputs).filter(([key, value]) => value !== kindOf(type).fields[key]?.default));

async function inspect(type: string, id: string): Promise<Json> {
  if (type === CONTAINER) {
    const { Config, HostConfig } = await docker.getContainer(id).inspect();
    return JSON.parse(JSON.stringify({ Config, HostConfig })) as Json;
  }
  if (type === NETWORK) return JSON.parse(JSON.stringify(await docker.getNetwork(id).inspect())) as Json;
  return type === VOLUME ? (JSON.parse(JSON.stringify(await docker.getVolume(id).inspect())) as Json) : null;
}

/** What differs from one creation to the next, whoever makes it. */
const VOLATILE =
  /^(macAddress|external|imageId|subnet|gateway|ipAddress|Created|CreatedAt|Subnet|Gateway|__meta|__pulumi_raw_state_delta)$/;

/** A value without what is empty or volatile; lists in one order. Docker keeps most sets in the order in which it got them. */
function comparable(value: Json): Json | undefined {
  if (value === null || value === "" || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) {
    // A privileged container, or one in the host's namespaces, gets it from Docker; ours reads it as what was asked for.
    const items = value
      .filter((item) => item !== "label=disable")
      .map((item) => JSON.stringify(comparable(item) ?? null));
    return items.length === 0 ? undefined : items.sort();
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !VOLATILE.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, item]) => {
      const kept = comparable(item);
      return kept === undefined ? [] : [[key, kept] as const];
    });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
