/** One deployment after the other on the same stack: deployed, grown, shrunk, destroyed with its data. */
import { docker, type Ran, type TestStack } from "../driver/stack";
import { until } from "../driver/until";
import { type Memory, memoryOf } from "./memory";

/** What is timed, in the order in which it happens. */
const STEPS = ["served", "deploy", "idle", "preview", "routed", "grow", "shrink", "destroy"] as const;
export type Step = (typeof STEPS)[number];

export const ROLES = ["consul", "consul-template", "registrator", "mysql", "wordpress", "cron", "nginx"] as const;
export type Role = (typeof ROLES)[number];

export interface Measured {
  /** The engine that ran the program: "cli" or "embedded". */
  engine: string;
  /** Ms, one for each run. */
  times: Record<Step, number[]>;
  /** Of each container at rest, with two replicas. */
  memory: Record<Role, Memory>;
}

/** The first deployment is not counted: it may have to build images. */
export async function measure(stack: TestStack, runs: number): Promise<Measured> {
  const times = Object.fromEntries(STEPS.map((step) => [step, [] as number[]])) as Measured["times"];
  const memory: Partial<Measured["memory"]> = {};
  console.error("first deployment, not counted");
  await oneRun(stack);
  for (let turn = 1; turn <= runs; turn++) {
    console.error(`run ${turn} of ${runs}`);
    const took = await oneRun(stack, async () => {
      if (turn < runs) return;
      for (const role of ROLES) memory[role] = await memoryOf(stack, role);
    });
    for (const step of STEPS) times[step].push(took[step]);
  }
  const { stderr } = await stack.run("config");
  return { engine: engineOf(stderr), times, memory: memory as Measured["memory"] };
}

async function oneRun(stack: TestStack, atRest?: () => Promise<void>): Promise<Record<Step, number>> {
  const replicas = (count: number): Promise<Ran> => stack.set("wordpressReplicas", String(count));
  await replicas(2);
  const [deploy, served] = await Promise.all([
    timed(stack.up()),
    timed(until("a served page", isServed(stack), OFTEN)),
  ]);
  const idle = await timed(stack.up());
  const preview = await timed(stack.run("preview", "--expect-no-changes"));
  await atRest?.();
  await replicas(5);
  const [grow, routed] = await Promise.all([timed(stack.up()), timed(until("5 routed", isRouted(stack, 5), OFTEN))]);
  await replicas(2);
  const shrink = await timed(stack.up());
  const destroy = await timed(stack.destroy());
  await removeData(stack);
  return { served, deploy, idle, preview, routed, grow, shrink, destroy };
}

/** Often enough for what the probes find to be told in tenths of a second. */
const OFTEN = { pauseMs: 20 };

const isServed = (stack: TestStack) => async (): Promise<boolean> => (await stack.site.get("/")).status === 200;
const isRouted = (stack: TestStack, count: number) => async (): Promise<boolean> =>
  (await stack.applied())?.members.length === count;

/** How long it takes from now on, in ms. */
async function timed(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

/** `destroy` keeps the data, and the next run would find a site that is installed. */
async function removeData({ name }: TestStack): Promise<void> {
  for (const volume of ["mysql", "uploads"]) await docker.getVolume(`${name}-${volume}`).remove();
}

/** scripts/pulumi.mjs says first which engine runs. */
function engineOf(stderr: string): string {
  const engine = /^engine: (\S+)/m.exec(stderr)?.[1];
  if (engine === undefined) throw new Error(`npm run pulumi does not say which engine it ran:\n${stderr}`);
  return engine;
}
