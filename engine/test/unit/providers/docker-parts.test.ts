/** The pure parts of the docker provider. */
import fc from "fast-check";
import type { JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { demultiplex } from "@wordpress-autoscaling/engine/src/providers/docker/container-logs";
import {
  containerOutputs,
  inspectAnswer,
  type Inspected,
} from "@wordpress-autoscaling/engine/src/providers/docker/container-read";
import {
  containerBody,
  endpointBody,
  updatableLimits,
} from "@wordpress-autoscaling/engine/src/providers/docker/container-spec";
import { judge } from "@wordpress-autoscaling/engine/src/providers/docker/container-wait";
import { formatDuration, parseDuration } from "@wordpress-autoscaling/engine/src/providers/docker/duration";
import { repoDigest } from "@wordpress-autoscaling/engine/src/providers/docker/image-pull";
import { startFailure } from "@wordpress-autoscaling/engine/src/providers/docker/port-conflict";
import { credentialsFor, registryOf } from "@wordpress-autoscaling/engine/src/providers/docker/registry-login";
import { objects } from "@wordpress-autoscaling/engine/src/providers/value";

describe("durations", () => {
  test("what is printed is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 15 }), (ns) => expect(parseDuration(formatDuration(ns))).toBe(ns)),
    );
  });
  test.each([
    ["1m30s", 90e9, "1m30s"],
    ["2000ms", 2e9, "2s"],
    ["60s", 60e9, "1m0s"],
    ["1.5h", 5400e9, "1h30m0s"],
    ["500ms", 5e8, "500ms"],
    ["0", 0, "0s"],
  ])("%s is as Go has it", (text, nanoseconds, printed) => {
    expect(parseDuration(text)).toBe(nanoseconds);
    expect(formatDuration(nanoseconds)).toBe(printed);
  });
  test.each(["", "5", "s", "1 s", "1m 30s", "-1s"])("%p is none", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

test("the create call's body has Docker's units, and nothing that was not given", () => {
  expect(containerBody({ image: "i" })).toEqual({
    Image: "i",
    Tty: false,
    OpenStdin: false,
    HostConfig: {
      AutoRemove: false,
      Init: false,
      LogConfig: { Type: "", Config: {} },
      Privileged: false,
      PublishAllPorts: false,
      ReadonlyRootfs: false,
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    },
  });
  const body = containerBody({
    image: "i",
    envs: ["B=2", "A=1"],
    command: ["b", "a"],
    ports: [
      { internal: 80, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
      { internal: 80, external: 8081 },
      { internal: 53, protocol: "udp" },
    ],
    volumes: [
      { volumeName: "v", containerPath: "/v" },
      { hostPath: "/h", volumeName: "x", containerPath: "/c", readOnly: true, selinuxRelabel: "z" },
      { containerPath: "/anonymous" },
      { fromContainer: "other" },
    ],
    healthcheck: { tests: ["CMD", "true"], interval: "2s", startPeriod: "1m0s", retries: 3, timeout: "0s" },
    cpus: "0.5",
    memory: 64,
    memorySwap: -1,
    shmSize: 2,
    securityOpts: ["systempaths=unconfined", "no-new-privileges:true"],
    hosts: [{ host: "a", ip: "::1" }],
  });
  expect(body).toMatchObject({
    Env: ["A=1", "B=2"],
    Cmd: ["b", "a"],
    ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    Volumes: { "/v": {}, "/c": {}, "/anonymous": {} },
    Healthcheck: { Test: ["CMD", "true"], Interval: 2e9, StartPeriod: 60e9, Retries: 3 },
    HostConfig: {
      PortBindings: {
        "80/tcp": [
          { HostIp: "127.0.0.1", HostPort: "8080" },
          { HostIp: "", HostPort: "8081" },
        ],
        "53/udp": [{ HostIp: "", HostPort: "0" }],
      },
      Binds: ["v:/v:rw", "/h:/c:ro,z"],
      VolumesFrom: ["other"],
      NanoCpus: 5e8,
      Memory: 64 * 1024 * 1024,
      MemorySwap: -1,
      ShmSize: 2 * 1024 * 1024,
      SecurityOpt: ["no-new-privileges:true"],
      MaskedPaths: [],
      ReadonlyPaths: [],
      ExtraHosts: ["a:::1"],
    },
  });
});

test("equal sets make equal containers, whatever their order", () => {
  const one = { image: "i", envs: ["B=2", "A=1"], dns: ["1.1.1.1", "1.0.0.1"], capabilities: { drops: ["X", "ALL"] } };
  const other = {
    image: "i",
    envs: ["A=1", "B=2"],
    dns: ["1.0.0.1", "1.1.1.1"],
    capabilities: { drops: ["ALL", "X"] },
  };
  expect(containerBody(one)).toEqual(containerBody(other));
  expect(endpointBody({ name: "n", aliases: ["b", "a"] })).toEqual({ Aliases: ["a", "b"] });
});

test("cpus wins over period and quota", () => {
  expect(updatableLimits({ cpus: "1", cpuQuota: 5, cpuPeriod: 6 })).not.toHaveProperty("CpuQuota");
  expect(updatableLimits({ cpuQuota: 5, cpuPeriod: 6 })).toMatchObject({ CpuQuota: 5, CpuPeriod: 6 });
});

const running = { Running: true, Status: "running", ExitCode: 0, Error: "" };
const inspected = (state: object, config: object = {}, host: object = {}): Inspected =>
  inspectAnswer.parse({
    Id: "id",
    Name: "/web",
    Image: "sha256:1",
    State: { ...running, ...state },
    Config: { Image: "i", ...config },
    HostConfig: host,
  });

describe("whether a container is up", () => {
  const always = { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } };
  test.each<[string, object, object, RegExp]>([
    ["healthy", { Health: { Status: "healthy" } }, {}, /^healthy$/],
    ["starting", { Health: { Status: "starting" } }, {}, /^wait$/],
    ["unhealthy", { Health: { Status: "unhealthy" } }, {}, /^container web is unhealthy$/],
    ["without a healthcheck", {}, {}, /no healthcheck/],
    ["gone with an exit code", { Running: false, ExitCode: 3 }, {}, /exited with code 3 before/],
    ["killed for its memory", { Running: false, ExitCode: 137, OOMKilled: true }, {}, /out of memory/],
    ["gone, but about to restart", { Running: false, ExitCode: 3 }, always, /^wait$/],
    ["healthy before it went away", { Running: false, Health: { Status: "healthy" } }, always, /^wait$/],
  ])("%s", (_, state, host, expected) => {
    expect(judge("web", inspected(state, {}, host))).toMatch(expected);
  });
});

describe("what is stored of a container", () => {
  test("the input's spelling, where the daemon's value means the same", () => {
    const inputs = {
      image: "i",
      healthcheck: { tests: ["CMD", "true"], startPeriod: "60s" },
      dns: ["2.2.2.2", "1.1.1.1"],
      cpus: "0.50",
    };
    const config = { Healthcheck: { Test: ["CMD", "true"], StartPeriod: 60e9 } };
    const outputs = containerOutputs(inputs, inspected({}, config, { Dns: ["1.1.1.1", "2.2.2.2"], NanoCpus: 5e8 }));
    expect(outputs).toMatchObject({ healthcheck: { startPeriod: "60s" }, cpus: "0.50", dns: ["1.1.1.1", "2.2.2.2"] });
  });
  test("the daemon's value, where it differs", () => {
    const outputs = containerOutputs(
      { image: "i", restart: "always", memory: 64 },
      inspected({}, {}, { Memory: 32 * 1024 * 1024 }),
    );
    expect(outputs).toMatchObject({ restart: "no", memory: 32 });
  });
  test("a stopped container that should run reads as mustRun=false", () => {
    expect(containerOutputs({ image: "i", mustRun: true }, inspected({ Running: false, ExitCode: 4 }))).toMatchObject({
      mustRun: false,
      exitCode: 4,
    });
  });
  test("of its networks, those that a running container is in; a stopped one is in none, and nobody took it out", () => {
    const NetworkSettings = { Networks: { front: { NetworkID: `abcdef012345${"0".repeat(52)}` } } };
    const inputs = { image: "i", networksAdvanced: ["front", "abcdef012345", "back"].map((name) => ({ name })) };
    const names = (state: object): unknown[] => {
      const outputs = containerOutputs(inputs, inspectAnswer.parse({ ...inspected(state), NetworkSettings }));
      return objects(outputs, "networksAdvanced").map(({ name }) => name);
    };
    expect(names({})).toEqual(["abcdef012345", "front"]);
    expect(names({ Running: false })).toHaveLength(3);
    expect(names({ Restarting: true })).toHaveLength(3);
  });
  test("an image given by id is read as an id, one given by name as a name", () => {
    expect(containerOutputs({ image: "sha256:1" }, inspected({}))["image"]).toBe("sha256:1");
    expect(containerOutputs({ image: "i" }, inspected({}))["image"]).toBe("i");
  });
  test("ports keep the program's order, with the host port that Docker chose", () => {
    const answer = inspectAnswer.parse({
      ...inspected({}),
      NetworkSettings: {
        Ports: {
          "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "8080" }],
          "81/tcp": [
            { HostIp: "0.0.0.0", HostPort: "32768" },
            { HostIp: "::", HostPort: "32768" },
          ],
        },
      },
    });
    const ports: JsonObject[] = [{ internal: 81 }, { internal: 80, external: 8080, ip: "127.0.0.1" }];
    expect(containerOutputs({ image: "i", ports }, answer)["ports"]).toEqual([
      { internal: 81, external: 32768, ip: "0.0.0.0", protocol: "tcp" },
      { internal: 80, external: 8080, ip: "127.0.0.1", protocol: "tcp" },
    ]);
  });
});

test("Docker's frames of stdout and stderr become one text; a terminal's output has no frames", () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  expect(demultiplex(Buffer.concat([frame(1, "out\n"), frame(2, "err ü\n")]), false)).toBe("out\nerr ü\n");
  expect(demultiplex(Buffer.from("plain"), true)).toBe("plain");
});

test.each([
  [
    "driver failed programming external connectivity on endpoint web (abc): Bind for 127.0.0.1:8080 failed: port is already allocated",
  ],
  ["driver failed: Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use"],
])("a port that is taken is named with its container and address: %s", (message) => {
  const ports = [
    { internal: 81, external: 8081, ip: "0.0.0.0" },
    { internal: 80, external: 8080, ip: "127.0.0.1" },
  ];
  const text = startFailure("web", { ports }, message);
  expect(text).toContain("container web cannot be started: 127.0.0.1:8080 (its port 80/tcp) is taken");
  expect(text).not.toContain("8081");
  expect(startFailure("web", { ports }, "no such file")).toBe("container web cannot be started: no such file");
});

test("the registry of an image's name", () => {
  expect(["nginx", "library/nginx:1", "ghcr.io/a/b", "localhost/x", "host:5000/x:1"].map(registryOf)).toEqual([
    "docker.io",
    "docker.io",
    "ghcr.io",
    "localhost",
    "host:5000",
  ]);
});

test("a login is found for its own registry only", () => {
  const login = credentialsFor([{ address: "https://ghcr.io", username: "u", password: "p" }], "/");
  expect(login("ghcr.io")).toEqual({ username: "u", password: "p", serveraddress: "ghcr.io" });
  expect(login("quay.io")).toBeUndefined();
});

test("the digest of the image's own repository is chosen", () => {
  const image = { Id: "x", RepoDigests: ["other@sha256:1", "ghcr.io/a/b@sha256:2"] };
  expect(repoDigest("ghcr.io/a/b:1", image)).toBe("ghcr.io/a/b@sha256:2");
  expect(repoDigest("built:1", { Id: "x", RepoDigests: [] })).toBe("");
});
