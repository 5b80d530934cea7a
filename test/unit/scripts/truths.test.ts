/** The comparison behind `npm run status`: an ES module, so it runs in a Node of its own. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./script";

interface Truths {
  rows: { name: string; docker: string; consul: string; nginx: string }[];
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
const applied = (...members: object[]): object => ({ generation: 3, retired: true, members });

test("three that agree have no problem", () => {
  const { rows, problems } = compare(
    [container(1), container(2)],
    [service(1), service(2)],
    applied(member(1), member(2)),
  );
  expect(problems).toEqual([]);
  expect(rows[0]).toEqual(
    expect.objectContaining({ name: "r-1", docker: "running, healthy", consul: "passing", nginx: "10.0.0.1:80" }),
  );
});

test("ghosts and missing ones are named", () => {
  expect(compare([], [service(1)], applied(member(1))).problems).toEqual([
    expect.stringMatching(/^ghost: nginx routes r-1/),
    expect.stringMatching(/^ghost: Consul has r-1/),
  ]);
  expect(compare([container(1, { state: "exited" })], [], applied(member(1))).problems).toEqual([
    "ghost: nginx routes r-1, which is exited",
  ]);
  expect(compare([container(1)], [], applied()).problems).toEqual([
    expect.stringMatching(/^missing: r-1 is healthy, and Consul/),
  ]);
  expect(compare([container(1)], [service(1)], applied()).problems).toEqual([
    expect.stringMatching(/^missing: r-1 .*nginx does not route it/),
  ]);
  expect(compare([container(1)], [service(1)], applied(member(1, { address: "10.0.0.9:80" }))).problems).toEqual([
    expect.stringMatching(/^stale: /),
  ]);
});

test("what starts, stops or is refused is told as such", () => {
  expect(compare([container(1, { health: "starting" })], [], applied()).problems).toEqual([]);
  expect(compare([container(1)], [service(1, { status: "maintenance" })], applied()).problems).toEqual([]);
  expect(compare([], [], { ...applied(), refused: "host not found" }).problems).toEqual(["refused: host not found"]);
  expect(compare([], [], null).problems).toEqual(["the reloader has said nothing of what nginx runs"]);
});

test("a control container that stands still is an alarm, by name and with what follows", () => {
  const control = (role: string, state: string, health?: string): object => ({
    name: `dev-${role}`,
    role,
    state,
    health,
  });
  const { problems } = compare([container(1)], [service(1)], applied(member(1)), [
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
