import { type AutoscaleSettings, readAutoscale } from "../../settings/autoscale";
import { AutoscalerMetrics } from "./autoscaler-metrics";
import type { Entry } from "./journal";
import { Autoscaler } from "./loop";
import type { Samples } from "./model";
import type { Facts, Stack, UpResult } from "./stack";

const settings = readAutoscale('{"min":1,"max":9,"targetRequestsPerReplica":2}', () => undefined) as AutoscaleSettings;

/** A stack, its load and a clock, all made up; time passes when the loop pauses. */
class World implements Stack {
  now = 1_000_000_000_000;
  facts: Facts = { replicas: 2, settings };
  load = 4;
  readonly ups: number[] = [];
  readonly entries: Entry[] = [];
  readonly said: string[] = [];
  readonly stop = new AbortController();
  interrupted = 0;
  freshReads = 0;
  /** What an `up` does. @default it takes effect */
  onUp = (replicas: number): Promise<UpResult> => {
    this.facts = { replicas, settings };
    return Promise.resolve({ outcome: "done", said: "" });
  };
  /** What happens as time passes. */
  onTime = (_seconds: number): void => undefined;

  read(fresh = false): Promise<Facts> {
    if (fresh) this.freshReads += 1;
    return Promise.resolve(this.facts);
  }
  up(replicas: number): Promise<UpResult> {
    this.ups.push(replicas);
    return this.onUp(replicas);
  }
  interrupt(): void {
    this.interrupted += 1;
  }

  /** Lets the loop run this long. */
  async run(seconds: number, { dryRun = false }: { dryRun?: boolean } = {}): Promise<void> {
    const start = this.now;
    const pause = (ms: number): Promise<void> => {
      this.now += ms;
      this.onTime((this.now - start) / 1000);
      if (this.now - start >= seconds * 1000) this.stop.abort();
      return new Promise((resolve) => setImmediate(resolve));
    };
    const samples = (): Promise<Samples> => Promise.resolve({ replicas: [], requestsInFlight: this.load });
    const loop = new Autoscaler(
      {
        stack: this,
        sampler: { glance: () => Promise.resolve(), take: samples },
        journal: { write: (entry) => this.entries.push(entry), read: () => this.entries },
        metrics: new AutoscalerMetrics(),
        say: (line) => this.said.push(line),
        now: () => this.now,
        wall: () => this.now,
        pause,
      },
      dryRun,
    );
    await loop.run(this.stop.signal);
  }
  kinds = (): string[] => this.entries.map(({ kind }) => kind);
}

test("it acts on a decision by one `up`, and logs both", async () => {
  const world = new World();
  world.load = 8;
  await world.run(21);
  expect(world.ups).toEqual([4]);
  expect(world.kinds()).toEqual(["begin", "decision", "up", "decision", "decision", "decision", "end"]);
  expect(world.entries[1]).toMatchObject({ current: 2, replicas: 4, acts: true, samples: { requestsInFlight: 8 } });
  expect(world.entries[2]).toMatchObject({ from: 2, to: 4, outcome: "done" });
  expect(world.said[0]).toBe("2 → 4 replicas (load): requests 4.0 of 2 in flight each");
  expect(world.said[1]).toMatch(/^up from 2 to 4 replicas: done after /);
});

test("while an `up` runs it looks on, and starts no other; told to end, it waits for that one", async () => {
  const world = new World();
  world.load = 8;
  let isDone = false;
  world.onUp = (replicas) =>
    new Promise((resolve) => {
      world.onTime = (seconds) => {
        if (seconds < 20) return;
        isDone = true;
        world.facts = { replicas, settings };
        setImmediate(() => setImmediate(() => resolve({ outcome: "done", said: "" })));
      };
    });
  await world.run(20);
  expect(isDone).toBe(true);
  expect(world.ups).toEqual([4]);
  expect(world.said).toContain("ending when the `up` has ended; once more to interrupt it");
  expect(world.kinds().slice(-2)).toEqual(["up", "end"]);
});

test("a dry run decides and changes nothing", async () => {
  const world = new World();
  world.load = 8;
  await world.run(31, { dryRun: true });
  expect(world.ups).toEqual([]);
  expect(world.freshReads).toBe(0);
  expect(world.entries[1]).toMatchObject({ kind: "decision", replicas: 4, acts: false });
  expect(world.said[0]).toContain("[dry run]");
});

test("a failed `up` is told with its last words, and tried again after the pause, not sooner", async () => {
  const world = new World();
  world.load = 8;
  world.onUp = () => Promise.resolve({ outcome: "failed", said: "wordpress-3 is unhealthy\nerror: update failed" });
  await world.run(120);
  expect(world.ups).toEqual([4, 4, 4]);
  const [first, second, third] = world.entries.flatMap((entry) => (entry.kind === "up" ? [entry.at] : []));
  expect(((second ?? 0) - (first ?? 0)) / 1000).toBeGreaterThanOrEqual(30);
  expect(((third ?? 0) - (second ?? 0)) / 1000).toBeGreaterThanOrEqual(60);
  expect(world.said).toContain("  | wordpress-3 is unhealthy\n  | error: update failed");
});

test("a decision about a number that somebody changed meanwhile is dropped", async () => {
  const world = new World();
  world.load = 8;
  const read = world.read.bind(world);
  world.read = (fresh) => {
    if (fresh === true) world.facts = { absent: "stack dev is not deployed" };
    return read(fresh);
  };
  await world.run(60);
  expect(world.ups).toEqual([]);
  expect(world.said).toContain("waiting: stack dev is not deployed");
});

test("a stack that is gone is said once, waited for, and taken up as new", async () => {
  const world = new World();
  world.facts = { absent: "stack dev is not deployed" };
  world.load = 2;
  world.onTime = (seconds) => {
    if (seconds === 45) world.facts = { replicas: 6, settings };
  };
  await world.run(300);
  expect(world.kinds().filter((kind) => kind === "waiting")).toHaveLength(1);
  // the window has begun with the stack: nothing is taken away yet
  expect(world.ups).toEqual([]);
  expect(world.entries.at(-2)).toMatchObject({ kind: "decision", current: 6, replicas: 6 });
});

test("the bound on actions an hour holds through a restart", async () => {
  const world = new World();
  const at = world.now - 60_000;
  for (let index = 0; index < settings.actionsPerHour; index++)
    world.entries.push({ kind: "up", at, from: 1, to: 2, seconds: 5, outcome: "done" });
  world.load = 8;
  await world.run(31);
  expect(world.ups).toEqual([]);
  expect(world.entries.at(-2)).toMatchObject({ held: expect.stringMatching(/^20 actions in an hour/) as string });
});
