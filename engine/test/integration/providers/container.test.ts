/** A container's life against a real Docker engine. */
import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ResourceInitError, UNKNOWN, type JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider } from "@wordpress-autoscaling/engine/src/providers/docker";
import { text } from "@wordpress-autoscaling/engine/src/providers/value";
import { until } from "../../../../lab/driver/until";
import { BASE, CONTAINER, docker, exists, Fixture, labels, NETWORK, run, stateOf, VOLUME } from "./fixture";

let fixture: Fixture;
beforeAll(async () => (fixture = await Fixture.start()));
afterAll(() => fixture.stop());

const sleeper = { image: BASE, command: ["sleep", "600"] };
const healthcheck = { tests: ["CMD", "test", "-e", "/tmp/ok"], interval: "1s", retries: 2 };
const container = (news: JsonObject) => fixture.create(CONTAINER, { name: fixture.name("c"), ...sleeper, ...news });
const initError = async (news: JsonObject): Promise<ResourceInitError> => {
  const error: unknown = await container(news).then(
    () => new Error("it was created"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ResourceInitError);
  return error as ResourceInitError;
};

test("networks, aliases, a fixed address, uploads, volumes and limits are there when it runs, and nothing differs afterwards", async () => {
  const subnet = "10.213.77.0/24";
  const front = await fixture.create(NETWORK, { ipamConfigs: [{ subnet }] });
  const back = await fixture.create(NETWORK, { name: fixture.name("back"), internal: true });
  const volume = await fixture.create(VOLUME, {});
  writeFileSync(join(fixture.folder, "from-disk"), "disk");
  const made = await container({
    hostname: "inside",
    envs: ["B=2", "A=1"],
    networksAdvanced: [
      { name: front.id, ipv4Address: "10.213.77.9" },
      { name: back.name, aliases: ["db", "other"] },
    ],
    uploads: [
      { file: "/etc/app/run.sh", content: "echo hi", executable: true },
      { file: "/etc/app/key", contentBase64: "/wA=", permissions: "0600", owner: "33", group: "44" },
      { file: "/from-disk", source: "from-disk" },
    ],
    volumes: [{ volumeName: volume.id, containerPath: "/data" }],
    tmpfs: { "/scratch": "size=1m" },
    memory: 32,
    cpuShares: 256,
    capabilities: { drops: ["ALL"] },
    ports: [{ internal: 81 }, { internal: 80, ip: "127.0.0.1" }],
    user: "0",
    stopTimeout: 3,
  });
  expect(await run(made.id, "hostname")).toBe("inside");
  expect(await run(made.id, "sh", "-c", "echo $A$B")).toBe("12");
  expect(await run(made.id, "cat", "/from-disk")).toBe("disk");
  expect(await run(made.id, "stat", "-c", "%a %u %g %s", "/etc/app/run.sh", "/etc/app/key")).toBe(
    "744 0 0 7\n600 33 44 2",
  );
  expect(await run(made.id, "cat", "/sys/fs/cgroup/memory.max")).toMatch(/^33554432$|No such file/);

  const found = await docker.getContainer(made.id).inspect();
  expect(Object.keys(found.NetworkSettings.Networks).sort()).toEqual([front.outputs["name"], back.name].sort());
  expect(found.NetworkSettings.Networks[back.name]?.Aliases).toEqual(expect.arrayContaining(["db", "other"]));
  expect(made.outputs["networkDatas"]).toContainEqual(expect.objectContaining({ ipAddress: "10.213.77.9" }));
  expect(made.outputs["ports"]).toEqual([
    { internal: 81, external: expect.any(Number) as number, ip: "0.0.0.0", protocol: "tcp" },
    { internal: 80, external: expect.any(Number) as number, ip: "127.0.0.1", protocol: "tcp" },
  ]);

  expect(await fixture.diff(made)).toMatchObject({ changes: "none" });
  const read = await fixture.read(made);
  expect(read).toEqual({ id: made.id, inputs: made.inputs, outputs: made.outputs });
  for (const each of [made, front, back, volume]) await fixture.delete(each);
  expect(await exists(docker.getContainer(made.id).inspect())).toBe(false);
  expect(await exists(docker.getVolume(volume.id).inspect())).toBe(false);
});

test("`wait` returns soon after the container is healthy", async () => {
  const command = ["sh", "-c", "sleep 1; echo >/tmp/ok; sleep 600"];
  const begin = performance.now();
  const made = await container({ command, healthcheck: { ...healthcheck, startPeriod: "600s" }, wait: true });
  const { State } = await docker.getContainer(made.id).inspect();
  expect(State.Health?.Status).toBe("healthy");
  expect(performance.now() - begin).toBeLessThan(590_000);
  // "600s" is kept, although Docker says 10m0s: nothing differs.
  expect(made.outputs["healthcheck"]).toMatchObject({ startPeriod: "600s" });
  expect((await fixture.diff(made)).changes).toBe("none");
});

test("an unhealthy container fails with its last lines and its last check, and the next update starts afresh", async () => {
  const tests = ["CMD-SHELL", "echo no database; exit 7"];
  const error = await initError({
    command: ["sh", "-c", "echo starting; sleep 600"],
    healthcheck: { ...healthcheck, tests },
    wait: true,
  });
  expect(error.message).toMatch(/^container engine-test-\S+ is unhealthy\nstate: running/);
  expect(error.message).toContain("last health check: exit code 7, no database");
  expect(error.message).toContain("its last lines:\n  starting");
  expect((await stateOf(error.id)).running).toBe(true);
  const inputs = await fixture.check(CONTAINER, { ...sleeper, name: "x" });
  const failed = { type: CONTAINER, name: "x", id: error.id, inputs, outputs: error.outputs };
  expect(await fixture.diff(failed)).toMatchObject({
    deleteBeforeReplace: true,
    replaces: expect.arrayContaining(["networkDatas"]) as string[],
  });
  // A refresh does not forget it while it is still unhealthy.
  const waiting = { ...failed, inputs: { ...inputs, wait: true } };
  const read = await fixture.read(waiting);
  expect((await fixture.diff({ ...waiting, outputs: read.outputs })).replaces).toContain("networkDatas");
});

test.each<[string, JsonObject, RegExp]>([
  [
    "exits",
    { command: ["sh", "-c", "echo bad config; exit 5"] },
    /exited with code 5 before it became healthy\n.*\n.*\n {2}bad config/,
  ],
  [
    "does not become healthy in time",
    { waitTimeout: 2, healthcheck: { ...healthcheck, startPeriod: "1m0s" } },
    /did not become healthy within 2 s/,
  ],
  ["has no healthcheck", { healthcheck: { tests: ["NONE"] } }, /has `wait` but no healthcheck/],
])("`wait` fails at once when the container %s", async (_, news, message) => {
  const error = await initError({ healthcheck, wait: true, ...news });
  expect(error.message).toMatch(message);
});

test("a port that is taken is named, and the container is removed again", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const external = typeof address === "object" && address !== null ? address.port : 0;
  const name = fixture.name("taken");
  const news = { ...sleeper, name, ports: [{ internal: 80, external, ip: "127.0.0.1" }] };
  await expect(fixture.create(CONTAINER, news)).rejects.toThrow(
    new RegExp(`container ${name} cannot be started: 127.0.0.1:${external} \\(its port 80/tcp\\) is taken`),
  );
  expect(await exists(docker.getContainer(name).inspect())).toBe(false);
  await new Promise((done) => server.close(done));
  await expect(fixture.create(CONTAINER, news)).resolves.toMatchObject({ name });
});

test.each<[string, JsonObject, RegExp]>([
  ["an unknown network", { networksAdvanced: [{ name: "engine-test-nowhere" }] }, /network engine-test-nowhere/],
  ["an upload that cannot be read", { uploads: [{ file: "/a", source: "nowhere" }] }, /ENOENT.*nowhere/],
  ["a command that does not exist", { command: ["/nowhere"] }, /cannot be started.*\/nowhere/],
])("nothing is left of a container that fails for %s", async (_, news, message) => {
  const name = fixture.name("left");
  await expect(container({ name, ...news })).rejects.toThrow(message);
  expect(await exists(docker.getContainer(name).inspect())).toBe(false);
});

test("a name that is taken is said, with what to do; the other container stays", async () => {
  const made = await container({});
  await expect(container({ name: made.name })).rejects.toThrow(new RegExp(`already in use.*docker rm -f ${made.name}`));
  expect((await stateOf(made.id)).running).toBe(true);
});

test("a one-shot is waited for; its exit code and its output are kept, also by a refresh", async () => {
  const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
  const made = await container({ command, attach: true, logs: true, mustRun: false });
  expect(made.outputs["exitCode"]).toBe(3);
  expect(text(made.outputs, "containerLogs").split("\n").sort()).toEqual(["", "err", "out"]);
  expect(fixture.log).toContainEqual(expect.stringMatching(`warning: container ${made.name} ended with exit code 3`));
  expect((await fixture.diff(made)).changes).toBe("none");
  expect((await fixture.read(made)).outputs).toEqual(made.outputs);
});

test("a one-shot that Docker removes at its end (`rm`) is no failure", async () => {
  const made = await container({
    command: ["sh", "-c", "sleep 1; echo done"],
    attach: true,
    logs: true,
    mustRun: false,
    rm: true,
  });
  expect(made.outputs).toMatchObject({ exitCode: 0, containerLogs: "done\n" });
  await fixture.delete(made);
});

test("limits and the restart policy change in place", async () => {
  const made = await container({ memory: 32, cpuShares: 128 });
  // Docker made the swap limit 64 MiB by itself: a memory above it works all the same.
  const updated = await fixture.update(made, { memory: 128, cpuShares: 256, restart: "on-failure", maxRetryCount: 2 });
  const { HostConfig } = await docker.getContainer(made.id).inspect();
  expect(HostConfig).toMatchObject({
    Memory: 128 * 1024 * 1024,
    CpuShares: 256,
    RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
  });
  expect((await stateOf(made.id)).running).toBe(true);
  expect(updated.outputs).toMatchObject({ memory: 128, cpuShares: 256, restart: "on-failure", maxRetryCount: 2 });
  expect((await fixture.diff(updated)).changes).toBe("none");
});

test("a container that was stopped behind our back is started again, not replaced", async () => {
  const made = await container({});
  await docker.getContainer(made.id).stop({ t: 0 });
  const { outputs } = await fixture.read(made);
  expect(outputs["mustRun"]).toBe(false);
  const stopped = { ...made, outputs };
  expect(await fixture.diff(stopped)).toMatchObject({ diffs: ["mustRun"], replaces: [] });
  const started = await fixture.update(stopped, {});
  expect((await stateOf(made.id)).running).toBe(true);
  expect((await fixture.diff(started)).changes).toBe("none");
});

test("destroyGraceSeconds lets the process end by itself; without it, it is not waited for", async () => {
  const command = [
    "sh",
    "-c",
    "trap 'sleep 1; echo bye >/data/said; exit 0' TERM; echo >/tmp/ok; while :; do sleep 0.1; done",
  ];
  const volume = await fixture.create(VOLUME, {});
  const news = { command, healthcheck, wait: true, volumes: [{ volumeName: volume.id, containerPath: "/data" }] };
  const said = async (): Promise<string> => {
    const reader = await container({ volumes: news.volumes });
    const text = await run(reader.id, "cat", "/data/said");
    await fixture.delete(reader);
    return text;
  };
  await fixture.delete(await container(news));
  expect(await said()).toContain("No such file");
  const begin = performance.now();
  await fixture.delete(await container({ ...news, destroyGraceSeconds: 600 }));
  expect(performance.now() - begin).toBeLessThan(590_000);
  expect(await said()).toBe("bye");
});

test("what is gone already is deleted without a word, and read as gone", async () => {
  const made = await container({});
  await docker.getContainer(made.id).remove({ force: true });
  expect((await fixture.read(made)).id).toBe("");
  await fixture.delete(made);
});

test("an image that is nowhere is said before anything is made", async () => {
  const name = fixture.name("imageless");
  await expect(container({ name, image: "registry.invalid/none:1" })).rejects.toThrow(
    /image registry.invalid\/none:1 cannot be pulled/,
  );
  await expect(container({ name, image: `sha256:${"0".repeat(64)}` })).rejects.toThrow(/an id cannot be pulled/);
});

test("start=false makes a container that can be started later", async () => {
  const made = await container({ start: false, mustRun: false });
  expect((await stateOf(made.id)).running).toBe(false);
  const started = await fixture.update(made, { start: true, mustRun: true });
  expect((await stateOf(made.id)).running).toBe(true);
  expect((await fixture.diff(started)).changes).toBe("none");
});

test("a preview makes nothing and leaves open what only Docker knows", async () => {
  const name = fixture.name("preview");
  const inputs = await fixture.check(CONTAINER, { ...sleeper, name, envs: [UNKNOWN] });
  const { id, outputs } = await fixture.provider.create({
    urn: "u",
    type: CONTAINER,
    name,
    inputs,
    timeoutSeconds: 0,
    preview: true,
  });
  expect(id).toBe("");
  expect(outputs).toMatchObject({
    name,
    networkDatas: UNKNOWN,
    hostname: UNKNOWN,
    command: sleeper.command,
    envs: [UNKNOWN],
  });
  expect(await exists(docker.getContainer(name).inspect())).toBe(false);
});

test("cancelling ends a wait, and what was made is reported", async () => {
  const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
  await provider.configure({});
  const inputs = await fixture.check(CONTAINER, {
    ...sleeper,
    name: fixture.name("cancel"),
    healthcheck,
    wait: true,
    labels,
  });
  const creating = provider.create({ urn: "u", type: CONTAINER, name: "c", inputs, timeoutSeconds: 0, preview: false });
  const made = docker.getContainer(text(inputs, "name"));
  await until("the container runs", async () => (await made.inspect()).State.Running);
  provider.cancel();
  await expect(creating).rejects.toThrow(/ended: cancelled/);
});
