/** The comparison behind `npm run status`: an ES module, so it runs in a Node of its own. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./script";

interface Truths {
  wanted: number;
  replicas: { name: string; wanted: boolean; docker: string; consul: string; nginx: string }[];
  agree: boolean;
  problems: string[];
}
const compare = (...truths: unknown[]): Truths => {
  const module = pathToFileURL(join(root, "scripts/lib/truths.mjs")).href;
  const code = `import { compare } from ${JSON.stringify(module)}; console.log(JSON.stringify(compare(...${JSON.stringify(truths)}.map((one) => one ?? undefined))));`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" }),
  ) as Truths;
};

const container = (n: number, more: object = {}): object => ({
  id: `id${n}`,
  name: `r-${n}`,
  state: "running",
  health: "healthy",
  address: `10.0.0.${n}:80`,
  ...more,
});
const service = (n: number, more: object = {}): object => ({
  id: `id${n}`,
  name: `r-${n}`,
  address: `10.0.0.${n}:80`,
  status: "passing",
  ...more,
});
const member = (n: number, more: object = {}): object => ({
  containerId: `id${n}`,
  name: `r-${n}`,
  address: `10.0.0.${n}:80`,
  ...more,
});
/** What Rollout wrote, who is wanted, and what the reloader said, who is routed. */
const records = (wanted: object[], routed: object[] = wanted, more: object = {}): object => ({
  desired: { generation: 3, members: wanted },
  applied: { generation: 3, retired: true, members: routed, ...more },
});

test("the same set everywhere is agreement", () => {
  const found = compare([container(1), container(2)], [service(1), service(2)], records([member(1), member(2)]));
  expect(found).toMatchObject({ wanted: 2, agree: true, problems: [], generation: 3, retired: true });
  expect(found.replicas[0]).toMatchObject({
    name: "r-1",
    wanted: true,
    docker: "running, healthy",
    consul: "passing",
    nginx: "10.0.0.1:80",
  });
});

test("one of two that was stopped or removed by hand is no agreement", () => {
  const wanted = records([member(1), member(2)], [member(1)]);
  expect(
    compare([container(1), container(2, { state: "exited", health: undefined })], [service(1)], wanted),
  ).toMatchObject({
    agree: false,
    problems: ["missing: r-2 is wanted, and Docker has it as exited"],
  });
  expect(compare([container(1)], [service(1)], wanted).problems).toEqual([
    "missing: r-2 is wanted, and Docker does not have it",
  ]);
});

test("what a failed deployment left behind is surplus", () => {
  const wanted = records([member(1)]);
  expect(compare([container(1), container(2)], [service(1), service(2)], wanted).problems).toEqual([
    expect.stringMatching(/^surplus: r-2 runs and is not wanted/),
  ]);
  expect(
    compare([container(1), container(2)], [service(1), service(2)], records([member(1)], [member(1), member(2)])).agree,
  ).toBe(false);
});

test("ghosts and missing ones are named", () => {
  expect(compare([], [service(1)], records([], [member(1)])).problems).toEqual([
    expect.stringMatching(/^ghost: nginx routes r-1/),
    expect.stringMatching(/^ghost: Consul has r-1/),
    expect.stringMatching(/^surplus: nginx routes r-1/),
  ]);
  expect(compare([container(1, { state: "exited" })], [], records([member(1)])).problems).toEqual([
    "ghost: nginx routes r-1, which is exited",
    expect.stringMatching(/^missing: r-1 is wanted, and Docker has it as exited/),
  ]);
  expect(compare([container(1)], [], records([member(1)], [])).problems).toEqual([
    expect.stringMatching(/^missing: r-1 is healthy, and Consul/),
  ]);
  expect(compare([container(1)], [service(1)], records([member(1)], [])).problems).toEqual([
    expect.stringMatching(/^missing: r-1 .*nginx does not route it/),
  ]);
  expect(
    compare([container(1)], [service(1)], records([member(1)], [member(1, { address: "10.0.0.9:80" })])).problems,
  ).toEqual([expect.stringMatching(/^stale: /)]);
});

test("a wanted replica that starts, is in maintenance or fails its check is not there yet", () => {
  const wanted = records([member(1)], []);
  expect(compare([container(1, { health: "starting" })], [], wanted).problems).toEqual([
    "missing: r-1 is wanted, and Docker has it as running, starting",
  ]);
  expect(compare([container(1)], [service(1, { status: "maintenance" })], wanted).problems).toEqual([
    "missing: r-1 is wanted, and Consul has it as maintenance",
  ]);
});

test("a refusal, and records that are not there, are told as such", () => {
  expect(compare([], [], records([], [], { refused: "host not found" })).problems).toEqual(["refused: host not found"]);
  expect(compare([], [], {}).problems).toEqual([
    "Consul does not say who is wanted: the next `up` does",
    "the reloader has said nothing of what nginx runs",
  ]);
});

test("a control container that stands still is an alarm, by name and with what follows", () => {
  const control = (role: string, state: string, health?: string): object => ({
    name: `dev-${role}`,
    role,
    state,
    health,
  });
  const { problems } = compare([container(1)], [service(1)], records([member(1)]), [
    control("consul", "running", "healthy"),
    control("consul-template", "restarting", "unhealthy"),
    control("registrator", "running", "unhealthy"),
    control("nginx", "running", "starting"),
  ]);
  expect(problems).toEqual([
    expect.stringMatching(/^alarm: dev-consul-template is restarting: nginx keeps the last good configuration/),
    expect.stringMatching(/^alarm: dev-registrator is unhealthy: /),
    expect.stringMatching(/^starting: dev-nginx/),
  ]);
});
