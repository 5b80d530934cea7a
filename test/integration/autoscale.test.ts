/** Real containers under a real step of load: the autoscaler adds replicas until the load is at its target, keeps them, and takes them away. */
import * as fs from "node:fs";
import * as path from "node:path";
import { docker, runOps, TestStack } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { DockerCpu, ProcessCpu } from "../../ops/autoscaler/cpu";
import { RunningAutoscaler } from "../support/autoscaler";
import { Load } from "../support/load";

const MAX = 5;
const TARGET_PERCENT = 10;
// Behind the ports of all slots.
const METRICS_PORT = 18190;
const autoscale = {
  min: 1,
  max: MAX,
  targetCpuPercent: TARGET_PERCENT,
  // where other work leaves the replicas no CPU to use, requests pile up instead
  targetRequestsPerReplica: 4,
  scaleDownWindowSeconds: 20,
};

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-autoscaler", 10, { autoscale: JSON.stringify(autoscale) });
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

const processCpu = new ProcessCpu(async (id) => (await docker.getContainer(id).inspect()).State.Pid);

/** CPU that one page costs a replica. */
async function secondsPerPage(): Promise<number> {
  const { Id } = await stack.container("wordpress");
  const cpu = new DockerCpu(docker, processCpu);
  for (let page = 0; page < 5; page++) await stack.site.get("/");
  const before = (await cpu.seconds(Id)) ?? NaN;
  for (let page = 0; page < 30; page++) await stack.site.get("/");
  return (((await cpu.seconds(Id)) ?? NaN) - before) / 30;
}

test("the first `up` runs min, and there is nothing to do after it", async () => {
  expect(await stack.outputs()).toMatchObject({ replicas: 1, autoscale: { ...autoscale, scaleUpReplicas: 4 } });
  expect(await stack.try(["preview", "--expect-no-changes"])).toMatchObject({ code: 0 });
});

test("scaling by hand is refused, and the configuration stays", async () => {
  const before = fs.readFileSync(stack.configFile, "utf8");
  const { code, output } = await runOps("scale", ["3", "--stack", stack.name], stack.env);
  expect(code).toBe(1);
  expect(output).toContain(`Stack ${stack.name} has autoscale: \`npm run autoscale\` chooses the number.`);
  expect(fs.readFileSync(stack.configFile, "utf8")).toBe(before);
});

test("what Docker says of a replica's CPU, and its processes, agree", async () => {
  const { Id } = await stack.container("wordpress");
  const stats = await docker.getContainer(Id).stats({ stream: false, "one-shot": true });
  const own = await processCpu.seconds(Id);
  expect(own).toBeGreaterThan(0);
  // Where the daemon cannot read cgroups it says 0; and health checks, which run beside the tree, are only in its number.
  const total = stats.cpu_stats.cpu_usage.total_usage / 1e9;
  if (total > 0) expect(own).toBeLessThanOrEqual(total + 0.1);
  expect(await new ProcessCpu(() => Promise.resolve(process.pid)).seconds(Id)).toBeUndefined();
});

test("a step of load: more replicas until it is at its target; they stay over an `up` by hand; they go after the window", async () => {
  const cost = await secondsPerPage();
  // 3.5 times one replica's target: the recommendation is 4
  const rate = Math.min(40, (3.5 * TARGET_PERCENT) / 100 / cost);
  await using autoscaler = new RunningAutoscaler(stack, "--metrics-port", String(METRICS_PORT));
  await until("a decision at rest", () => Promise.resolve(autoscaler.log().some(({ kind }) => kind === "decision")));

  const second = new RunningAutoscaler(stack);
  await until("the second is refused", () => Promise.resolve(second.output.includes("runs already")));
  expect(await second.end()).toBe(1);

  await using load = new Load(stack.site, "/", rate, 40 * 240);
  const start = performance.now();
  const isSettled = async () => {
    const last = autoscaler.log().at(-1);
    const { members = [] } = (await stack.applied()) ?? {};
    const done = last?.kind === "decision" && last.current >= 3 && last.replicas === last.current;
    return done && members.length === last.current ? last : undefined;
  };
  const settled = await until("the load at its target", isSettled, { pauseMs: 250 });
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `load step to ${rate.toFixed(1)} pages/s (${(cost * 1000).toFixed(0)} ms of CPU each): ${settled.current} replicas routed, and at target, ` +
      `after ${seconds.toFixed(1)} s`,
  );

  // somebody deploys meanwhile
  const applied = (await stack.applied())?.members.map(({ name }) => name).sort() ?? [];
  const byHand = await until("an `up` by hand, not at the same moment as the autoscaler's", async () => {
    const ran = await stack.try(["up", "--yes", "--skip-preview"]);
    if (ran.code !== 0 && !ran.output.includes("currently locked")) throw new Error(ran.output);
    return ran.code === 0 && ran;
  });
  expect(byHand.output).not.toMatch(/deleted/);
  const names = (await stack.applied())?.members.map(({ name }) => name) ?? [];
  expect(names).toEqual(expect.arrayContaining(applied));

  const metrics = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  expect(metrics).toMatch(/^autoscaler_replicas [3-5]$/m);
  expect(metrics).toMatch(/^autoscaler_load\{metric="cpu"\} \d/m);
  expect(metrics).toMatch(/^autoscaler_load\{metric="requests"\} \d/m);

  await load.end();
  console.log(`${load.sent} pages, ${load.late} of them later than 30 s`);
  expect(load.errors).toEqual([]);
  const isDown = async () =>
    (await stack.applied())?.members.length === 1 && (await stack.containers("wordpress")).length === 1;
  await until("one replica again", isDown, { pauseMs: 500 });

  // The replica is gone a moment before its `up` has ended.
  const lastUp = () =>
    autoscaler
      .log()
      .filter(({ kind }) => kind === "up")
      .at(-1);
  await until("the `up` that took it away has ended", () => Promise.resolve(lastUp()?.to === 1));
  const log = autoscaler.log();
  expect(log.filter(({ kind, outcome }) => kind === "up" && outcome === "failed")).toEqual([]);
  // Before a replica was removed, every recommendation of a whole window was below the running number.
  const down = log.find(({ kind, acts, replicas, current }) => kind === "decision" && acts && replicas < current);
  const inWindow = log.filter(({ kind, time }) => {
    const age = Date.parse(down?.time ?? "") - Date.parse(time);
    return kind === "decision" && age >= 0 && age < 20_000;
  });
  expect(inWindow.map(({ recommendation = 0 }) => recommendation < (down?.current ?? 0))).not.toContain(false);
  expect(await autoscaler.end()).toBe(0);
  expect(autoscaler.log().at(-1)?.kind).toBe("end");

  const drawing = path.join(stack.folder, "plot.svg");
  expect((await runOps("autoscale", ["plot", "--stack", stack.name, "--out", drawing], stack.env)).code).toBe(0);
  expect(fs.readFileSync(drawing, "utf8")).toMatch(/^<svg [^]*replicas[^]*<\/svg>\n$/);
});

test("a failed `up` keeps the number; the autoscaler's number is bounded and only its own", async () => {
  const up = (replicas: string) =>
    stack.try(["up", "--yes", "--skip-preview"], { env: { WORDPRESS_AUTOSCALE_REPLICAS: replicas } });
  expect(await up("2")).toMatchObject({ code: 0 });
  const refused = await up("many");
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain('WORDPRESS_AUTOSCALE_REPLICAS is "many": a whole number from 1, or unset');
  expect(await stack.outputs()).toMatchObject({ replicas: 2 });
  expect(await stack.try(["preview", "--expect-no-changes"])).toMatchObject({ code: 0 });
});

test("a stack that is destroyed is told, and waited for", async () => {
  await stack.destroy();
  await using autoscaler = new RunningAutoscaler(stack, "--dry-run");
  await until("it says so", () =>
    Promise.resolve(autoscaler.output.includes(`waiting: stack ${stack.name} is not deployed`)),
  );
  expect(await autoscaler.end()).toBe(0);
});
