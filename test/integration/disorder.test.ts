/** Disorder: parts stop, stall, forget and start in any order. Traffic goes on where it can, and what is wanted, Docker, Consul and nginx agree again by themselves. */
import { execFileSync } from "node:child_process";
import { desiredKey } from "../../contract/consul-kv";
import { TestStack, docker, execIn, runOps } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { visitors } from "../support/visitors";

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-disorder", 6);
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

interface Status {
  agree: boolean;
  wanted?: number;
  replicas: { name: string; docker: string; consul: string; nginx: string }[];
  problems: string[];
}
const status = async (): Promise<Status> =>
  JSON.parse((await runOps("status", ["--stack", stack.name, "--json"], stack.env)).stdout) as Status;

/** What is wanted, Docker, Consul and nginx name the same two healthy replicas, within 30 s. */
async function agree(limitMs = 300_000): Promise<void> {
  let last: Status | undefined;
  await until(
    "what is wanted, Docker, Consul and nginx agree",
    async () => {
      last = await status();
      return last.agree && last.wanted === 2 && last.replicas.length === 2;
    },
    { limitMs, pauseMs: 500 },
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
  });
}
const serves = async (): Promise<boolean> => (await stack.site.get("/")).status === 200;
const isRunning = async (id: string): Promise<boolean> => (await docker.getContainer(id).inspect()).State.Running;
const desired = async (): Promise<unknown> => {
  const url = `http://127.0.0.1:${stack.consulPort}/v1/kv/${desiredKey(stack.name)}?raw`;
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok ? answer.json() : undefined;
};

/** The pid of a process in a container, of those whose command line holds the text. */
async function pidOf(id: string, text: string): Promise<number> {
  const { Processes } = (await docker.getContainer(id).top({ ps_args: "-eo pid,args" })) as { Processes: string[][] };
  const line = Processes.find((one) => one.at(-1)?.includes(text) && !one.at(-1)?.includes("docker-init"));
  if (line === undefined) throw new Error(`no process ${text}`);
  return Number(line[0]);
}

test("all containers killed and started at once, in any order: two replicas are routed again without help", async () => {
  const all = (await stack.containers()).filter(({ State }) => State.Running);
  await Promise.all(all.map(({ Id }) => docker.getContainer(Id).kill()));
  const shuffled = all.map((one) => ({ one, at: Math.random() })).sort((a, b) => a.at - b.at);
  await Promise.all(shuffled.map(({ one }) => docker.getContainer(one.Id).start()));
  await until("the site answers", serves);
  await agree(60_000);
});

test("registrator stalled for 70 s, through a replica's crash and more events than Docker keeps: no GET fails, and it catches up", async () => {
  const registrator = await stack.container("registrator");
  const mysql = await stack.container("mysql");
  const [victim] = await stack.containers("wordpress");
  if (victim === undefined) throw new Error("no replica");
  const pid = await pidOf(registrator.Id, "registrator.js");
  const visited = visitors(stack.site, 2);
  process.kill(pid, "SIGSTOP");
  const stalledAt = performance.now();
  try {
    process.kill(victim.State.Pid, "SIGKILL");
    // Docker keeps the last 256 events of all kinds; each of these makes three.
    for (let round = 0; round < 100; round += 1) await execIn(mysql.Id, ["true"]);
    await until("status raises the alarm", async () =>
      (await status()).problems.some((line) => /^alarm: .*registrator is unhealthy/.test(line)),
    );
    await until("70 s are over", () => Promise.resolve(performance.now() - stalledAt > 70_000));
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await agree();
  expect((await visited.end()).failed).toEqual([]);
});

test("Consul's data wiped: the desired set is restored, nginx never routes fewer replicas, and no GET fails", async () => {
  const wanted = await desired();
  expect(wanted).toMatchObject({ members: [{}, {}] });
  const consul = await stack.container("consul");
  const visited = visitors(stack.site, 2);
  const routed: number[] = [];
  await docker.getContainer(consul.Id).stop({ t: 1 });
  const data = consul.Mounts.find((mount) => mount.Destination === "/consul/data")?.Source;
  if (data === undefined) throw new Error("Consul has no data volume");
  execFileSync("find", [data, "-mindepth", "1", "-delete"]);
  await docker.getContainer(consul.Id).start();
  await until("the desired set is restored", async () => {
    const applied = await stack.applied();
    if (applied !== undefined) routed.push(applied.members.length);
    return JSON.stringify(await desired()) === JSON.stringify(wanted);
  });
  await agree();
  expect(new Set([...routed, (await stack.applied())?.members.length])).toEqual(new Set([2]));
  expect((await visited.end()).failed).toEqual([]);
});

test.each(["consul-template", "registrator", "consul"])(
  "%s stopped while a replica is restarted: no GET fails, and it catches up within 30 s of its start",
  async (role) => {
    const part = await stack.container(role);
    const [, victim] = await stack.containers("wordpress");
    if (victim === undefined) throw new Error("no second replica");
    const visited = visitors(stack.site, 2);
    await docker.getContainer(part.Id).stop();
    expect((await status()).problems.join("\n")).toMatch(new RegExp(`${role} is exited|Consul does not answer`));
    process.kill(victim.State.Pid, "SIGKILL");
    await until("the replica is healthy again", async () => {
      const { State } = await docker.getContainer(victim.Id).inspect();
      return State.Running && State.StartedAt !== victim.State.StartedAt && State.Health?.Status === "healthy";
    });
    await docker.getContainer(part.Id).start();
    await until("it runs", () => isRunning(part.Id));
    await agree();
    expect((await visited.end()).failed).toEqual([]);
  },
);
