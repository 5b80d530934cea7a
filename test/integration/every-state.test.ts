/**
 * From every state that a failed, killed or interrupted `up`, or a hand, can leave behind, one `up` ends with exactly the wanted number of
 * replicas routed and the site served. The disorder is random: a failure prints the seed; SEED=… repeats its choices, ROUNDS=… makes more of them.
 */
import * as fc from "fast-check";
import { TestStack, docker, runScript, type Cut } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { wallMs } from "../../services/kit/clock";

const ROUNDS = Number(process.env.ROUNDS ?? 4);
const SEED = Number(process.env.SEED ?? wallMs() % 1_000_000);
const ROLES = ["consul", "consul-template", "registrator", "mysql", "nginx", "wordpress", "cron"] as const;
jest.setTimeout((10 + 3 * ROUNDS) * 60_000);

type Disorder =
  /** The wanted number changes. */
  | { kind: "scale"; replicas: number }
  /** Everything about the replicas changes: a new revision. */
  | { kind: "revise"; workers: number }
  /** An `up` that is cut short so long after its start; SIGINT asks the engine to stop, SIGKILL does not ask. */
  | { kind: "cut"; afterMs: number; signal: Cut["signal"] }
  /** Somebody stops, kills or removes a container. */
  | { kind: "stop" | "kill" | "remove"; role: (typeof ROLES)[number]; which: number };

const disorder: fc.Arbitrary<Disorder> = fc.oneof(
  fc.record({ kind: fc.constant("scale" as const), replicas: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("revise" as const), workers: fc.integer({ min: 3, max: 5 }) }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("cut" as const),
      afterMs: fc.integer({ min: 300, max: 12_000 }),
      signal: fc.constantFrom<Cut["signal"]>("SIGINT", "SIGKILL"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("stop" as const, "kill" as const, "remove" as const),
      role: fc.constantFrom(...ROLES),
      which: fc.integer({ min: 0, max: 3 }),
    }),
  },
);
const rounds = fc.sample(fc.array(disorder, { minLength: 2, maxLength: 4 }), { numRuns: ROUNDS, seed: SEED });

let stack: TestStack;
let replicas = 2;
beforeAll(async () => {
  stack = await TestStack.create("test-every-state", 9, { wordpressReplicas: "2", wordpressWorkers: "4" });
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

async function happen(one: Disorder): Promise<void> {
  if (one.kind === "scale") {
    replicas = one.replicas;
    await stack.set("wordpressReplicas", String(one.replicas));
  } else if (one.kind === "revise") {
    await stack.set("wordpressWorkers", String(one.workers));
  } else if (one.kind === "cut") {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), one.afterMs);
    await stack.try(["up", "--yes", "--skip-preview"], { cut: { at: cut.signal, signal: one.signal } });
    clearTimeout(timer);
  } else {
    const found = await stack.containers(one.role);
    const victim = found[one.which % Math.max(1, found.length)];
    if (victim === undefined) return;
    const container = docker.getContainer(victim.Id);
    if (one.kind === "remove") await container.remove({ force: true, v: true });
    else if (victim.State.Running) await (one.kind === "kill" ? container.kill() : container.stop({ t: 5 }));
  }
}

test.each(rounds.map((round, index) => [`${index + 1}: ${JSON.stringify(round)}`, round] as const))(
  `seed ${SEED}, round %s`,
  async (_what, round) => {
    for (const one of round) await happen(one);
    const ran = await stack.try(["up", "--yes", "--skip-preview"]);
    expect({ code: ran.code, output: ran.code === 0 ? "" : ran.output }).toEqual({ code: 0, output: "" });

    // Asked at once, without a moment for anything to heal by itself: `up` says that it is done.
    expect((await stack.site.get("/")).status).toBe(200);
    const { code, stdout } = await runScript("status.mjs", ["--stack", stack.name, "--json"], stack.env);
    const status = JSON.parse(stdout) as { wanted: number; problems: string[]; replicas: { name: string }[] };
    expect({ code, problems: status.problems }).toEqual({ code: 0, problems: [] });
    expect(status.wanted).toBe(replicas);
    expect((await stack.outputs()).replicas).toBe(replicas);
    const names = (await stack.outputs()).containers.wordpress;
    expect(status.replicas.map(({ name }) => name).sort()).toEqual(names?.sort());
    const served = async (): Promise<string[]> => stack.servedBy(12 * replicas);
    await until("every replica answers, and no other", async () => (await served()).join() === names?.sort().join());

    // The number alone decides what another run finds to do.
    expect(await stack.try(["preview", "--expect-no-changes"])).toMatchObject({ code: 0 });
  },
);
