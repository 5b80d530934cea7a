/** `npm run status` with Docker's and Consul's APIs as a test sets them. */
import { appliedKey, desiredKey } from "../../contract/consul-kv";
import { runCommand } from "../../test/support/command";
import { FakeConsul } from "../../test/support/fake-consul";
import { FakeDocker } from "../../test/support/fake-docker";
import { main } from "./main";
import { truthOf } from "./reader";
import type { StatusReport } from "./report";

const CONTROLS = ["registrator", "consul-template", "mysql", "nginx"];
const control = (role: string) => ({ id: role, name: `dev-${role}`, role, health: "healthy" });
const replica = {
  id: "id1",
  name: "dev-1",
  role: "wordpress",
  health: "healthy",
  addresses: { "dev-frontend": "10.0.0.1" },
};
const member = { name: "dev-1", containerId: "id1" };
const desired = JSON.stringify({ generation: 3, members: [member] });
const applied = JSON.stringify({
  generation: 3,
  configHash: "c",
  settingsHash: "s",
  members: [{ ...member, address: "10.0.0.1:80" }],
  retired: true,
  at: "2026-01-01T00:00:00Z",
});
const instance = (meta: object | null, checks: object[] = [{ CheckID: "service:x", Status: "passing" }]) => ({
  Service: { ID: "dev:1:80", Meta: meta },
  Checks: checks,
});
const registered = instance({ "container-id": "id1", "container-name": "dev-1" });

/** Runs the command with a stack whose truths agree but for what `change` does. */
async function status(args: string[], change: (consul: FakeConsul, docker: FakeDocker) => void = () => undefined) {
  await using consul = await FakeConsul.start();
  await using docker = await FakeDocker.start("dev", [
    replica,
    ...CONTROLS.map(control),
    { ...control("consul"), consulPort: consul.port },
  ]);
  consul.health = JSON.stringify([registered]);
  consul.keys.set(desiredKey("dev"), desired).set(appliedKey("dev"), applied);
  change(consul, docker);
  return await runCommand(main, args);
}

const reportOf = async (change?: Parameters<typeof status>[1]): Promise<StatusReport> =>
  JSON.parse((await status(["--json"], change)).stdout) as StatusReport;

test("agreement is exit status 0, a table for people and JSON for programs", async () => {
  expect(await status([])).toEqual({
    code: 0,
    error: "",
    stdout:
      "replica  wanted  docker            consul   nginx\n" +
      "dev-1    yes     running, healthy  passing  10.0.0.1:80\n\n" +
      "dev: all 1 wanted replicas run, are registered and are routed; generation 3, no older worker is left\n",
  });
  expect(JSON.parse((await status(["--json"])).stdout)).toEqual({
    stack: "dev",
    wanted: 1,
    replicas: [
      { name: "dev-1", id: "id1", wanted: true, docker: "running, healthy", consul: "passing", nginx: "10.0.0.1:80" },
    ],
    agree: true,
    problems: [],
    generation: 3,
    retired: true,
  });
});

test("a difference is exit status 1 and named below the table", async () => {
  const { code, stdout } = await status([], (consul) => (consul.health = "[]"));
  expect(code).toBe(1);
  expect(stdout).toMatch(/absent +10\.0\.0\.1:80\n\nmissing: dev-1 is healthy, and Consul does not have it\n$/);
});

test.each([
  [
    "its container is gone",
    (_: FakeConsul, docker: FakeDocker) => void docker.containers.pop(),
    "any port of this host",
  ],
  ["it answers with an error", (consul: FakeConsul) => void (consul.status = 500), "http://127.0.0.1:"],
])("Consul does not answer when %s", async (_, change, where) => {
  const { agree, problems, wanted } = await reportOf(change);
  expect(agree).toBe(false);
  expect(wanted).toBeUndefined();
  expect(problems.at(-1)).toContain(`Consul does not answer at ${where}`);
  expect(problems.at(-1)).toContain("nginx serves on with what it has");
});

test("a port on which nobody listens is Consul's silence", async () => {
  const ended = await FakeConsul.start();
  const { port } = ended;
  await ended[Symbol.asyncDispose]();
  const { problems } = await reportOf((_, docker) => {
    const consul = docker.containers.find(({ role }) => role === "consul");
    if (consul !== undefined) consul.consulPort = port;
  });
  expect(problems).toEqual([expect.stringContaining(`Consul does not answer at http://127.0.0.1:${port} (`)]);
});

describe("what Consul answers and nobody can read is told as that, not as Consul's silence", () => {
  test.each([
    [
      "a key of Rollout's",
      (consul: FakeConsul) => void consul.keys.set(desiredKey("dev"), "garbage"),
      desiredKey("dev"),
    ],
    [
      "a key of the reloader's",
      (consul: FakeConsul) => void consul.keys.set(appliedKey("dev"), "{"),
      appliedKey("dev"),
    ],
  ])("%s", async (_, change, key) => {
    const { problems } = await reportOf(change);
    expect(problems[0]).toMatch(new RegExp(`^unreadable: Consul's key ${key} is (garbage|\\{); the .* anew$`));
    expect(problems.join("\n")).not.toMatch(/does not answer/);
  });

  test.each([
    ["no JSON", "<html>"],
    ["another shape", '{"error":"x"}'],
    ["instances without checks", '[{"Service":{"ID":"x"}}]'],
  ])("an answer for the service that is %s", async (_, health) => {
    const { problems } = await reportOf((consul) => (consul.health = health));
    expect(problems[0]).toMatch(/^unreadable: Consul's answer for the service wordpress is /);
    expect(problems.join("\n")).not.toMatch(/does not answer/);
  });
});

test("an instance that somebody else registered goes by its own id", async () => {
  const { problems } = await reportOf((consul) => (consul.health = JSON.stringify([registered, instance(null)])));
  expect(problems).toEqual(["ghost: Consul has dev:1:80, which Docker does not have"]);
});

test("the worst of an instance's checks counts, and maintenance above all", () => {
  const of = (...checks: [string, string][]) => {
    const health = JSON.stringify([
      instance(
        {},
        checks.map(([CheckID, Status]) => ({ CheckID, Status })),
      ),
    ]);
    return truthOf("dev", { health }).services[0]?.status;
  };
  expect(of(["a", "passing"], ["b", "warning"])).toBe("warning");
  expect(of(["a", "warning"], ["b", "critical"])).toBe("critical");
  expect(of(["a", "critical"], ["_service_maintenance:x", "critical"])).toBe("maintenance");
  expect(of()).toBe("passing");
});

test("a container that is removed between Docker's two answers is gone, and nothing fails", async () => {
  const { problems } = await reportOf((_, docker) => {
    const listed = [...docker.containers];
    const nginx = listed.findIndex(({ role }) => role === "nginx");
    // listed, and unknown when it is asked for
    docker.containers[nginx] = { ...control("nginx"), isGone: true };
  });
  expect(problems).toEqual(["alarm: dev-nginx is gone: the site is not served"]);
});

test("a stack without containers, and an engine that does not answer, are told", async () => {
  expect((await status(["--stack", "prod"])).error).toBe("Stack prod has no containers. `npm start` deploys dev.");
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = "unix:///nonexistent/docker.sock";
  try {
    expect((await runCommand(main, [])).error).toMatch(
      /^Docker does not answer at unix:\/\/\/nonexistent\/docker\.sock \(.*ENOENT.*\)\. Start it, or correct DOCKER_HOST\.$/,
    );
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  }
});

test("arguments that make no sense show the usage", async () => {
  for (const args of [["dev"], ["--jsn"], ["--stack"]])
    expect((await runCommand(main, args)).error).toContain("Usage: npm run status");
});
