import type { Applied } from "../contract";
import { keptLog, only } from "../test/fakes";
import { upstreams } from "../test/upstreams";
import type { FilesPort } from "./files";
import { generationOf, type Generation } from "./generation";
import type { NginxPort } from "./nginx";
import { Reloader } from "./reloader";
import { reloaderMetrics } from "./reloader-metrics";
import type { Worker } from "./retirement";

const made = (number: number, addresses = ["10.0.0.1:80"]) => generationOf("x", upstreams(number, addresses));
const [A, B, C] = [made(1), made(2), made(3, ["10.0.0.1:80", "10.0.0.2:80"])];

/** A volume, an nginx and a clock, in memory. */
class World {
  nowMs = 1_000_000;
  candidate: Generation | Error | undefined;
  current: Generation | undefined;
  readonly stored = new Map<string, Generation>();
  objection: string | undefined;
  runs: string | undefined;
  containers = ["nginx-1"];
  workers: Worker[] = [];
  hups = 0;
  obeys = true;
  topFails = false;
  installations = 0;
  probes = 0;
  unreachable: string[] = [];
  readonly told: Omit<Applied, "at">[] = [];
  readonly log = keptLog();
  private pid = 100;

  readonly files: FilesPort = only<FilesPort>({
    candidate: () => Promise.resolve(this.candidate),
    current: () => Promise.resolve(this.current),
    read: (hash) => Promise.resolve(this.stored.get(hash)),
    stage: () => Promise.resolve("/staging/nginx.conf"),
    commit: (generation) => {
      this.current = generation;
      this.stored.set(generation.hash, generation);
      return Promise.resolve();
    },
    prune: () => Promise.resolve(),
  });

  readonly nginx: NginxPort = only<NginxPort>({
    check: () => Promise.resolve(this.objection),
    serves: (hash) => Promise.resolve(this.runs === hash),
    serving: () => Promise.resolve(this.runs === undefined ? [] : [this.runs]),
    reachable: (_containers, addresses) => {
      this.probes += 1;
      return Promise.resolve(addresses.filter((address) => !this.unreachable.includes(address)));
    },
    containers: () => Promise.resolve(this.containers),
    workers: () => (this.topFails ? Promise.reject(new Error("ps: not found")) : Promise.resolve(this.workers)),
    reload: () => {
      this.hups += 1;
      if (this.obeys) this.start();
      return Promise.resolve();
    },
  });

  readonly reloader = this.another();

  another(): Reloader {
    return new Reloader(
      this.files,
      this.nginx,
      { publish: (one) => this.told.push(one), installing: () => this.installations++ },
      reloaderMetrics(),
      this.log,
      {
        now: () => this.nowMs,
        pause: (ms) => {
          this.nowMs += ms;
          return Promise.resolve();
        },
      },
    );
  }

  /** nginx reads `current`: its old workers begin to end, a new one serves. */
  start(): void {
    this.workers = [...this.workers.map(({ pid }) => ({ pid, isShuttingDown: true })), this.fresh()];
    this.runs = this.current?.hash;
  }

  async pass(after = 1_000): Promise<number> {
    this.nowMs += after;
    return this.reloader.pass(new AbortController().signal);
  }

  /** A site that serves A, with no old worker left. */
  async serveA(): Promise<void> {
    this.candidate = A;
    await this.pass();
    this.start();
    await this.pass();
    await this.pass();
  }

  get last(): Omit<Applied, "at"> | undefined {
    return this.told.at(-1);
  }

  private fresh(): Worker {
    this.pid += 1;
    return { pid: String(this.pid), isShuttingDown: false };
  }
}

test("at the first deployment it makes a configuration and waits for nginx, without telling anything", async () => {
  const world = new World();
  world.containers = [];
  expect(await world.pass()).toBeGreaterThan(0);
  world.candidate = made(0, []);
  await world.pass();
  expect(world.current?.members).toEqual([]);
  expect([world.told, world.hups]).toEqual([[], 0]);
});

test("an nginx that is starting is not signalled: it reads `current` by itself", async () => {
  const world = new World();
  world.candidate = A;
  await world.pass();
  expect(world.hups).toBe(0);
  world.start();
  await world.pass();
  await world.pass();
  expect([world.hups, world.last]).toMatchObject([0, { generation: 1, retired: true }]);
});

test("a new candidate: serving is told at once, retired when the last old worker is gone", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = C;
  await world.pass();
  expect([world.hups, world.installations]).toEqual([1, 2]);
  expect(world.last).toMatchObject({ generation: 3, configHash: C.hash, retired: false });
  expect(world.last?.members).toHaveLength(2);
  await world.pass(150);
  expect(world.last?.retired).toBe(false);
  world.workers = world.workers.filter(({ isShuttingDown }) => !isShuttingDown);
  await world.pass(150);
  expect(world.last).toMatchObject({ configHash: C.hash, retired: true });
});

test("a new candidate is not kept waiting by old workers", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  await world.pass();
  world.candidate = C;
  await world.pass();
  expect([world.hups, world.runs, world.last?.retired]).toEqual([2, C.hash, false]);
});

test("a burst makes few reloads, and its last state is served", async () => {
  const world = new World();
  await world.serveA();
  let waitMs = 0;
  for (let number = 10; number < 20; number += 1) {
    world.candidate = made(number);
    waitMs = await world.pass(10);
  }
  await world.pass(waitMs);
  expect(world.hups).toBeLessThanOrEqual(3);
  expect(world.runs).toBe(made(19).hash);
});

test("a storm of changes, one every 10 ms for a minute, is served all the while, and never stacks up old workers", async () => {
  const world = new World();
  await world.serveA();
  // Requests of 70 s: no old worker ends before the storm does.
  const endMs = world.nowMs + 60_000;
  let number = 10;
  let lastServedMs = world.nowMs;
  let waitedMs = 0;
  while (world.nowMs < endMs) {
    number += 1;
    world.candidate = made(number);
    const before = world.hups;
    await world.pass(10);
    if (world.hups > before) {
      waitedMs = Math.max(waitedMs, world.nowMs - lastServedMs);
      lastServedMs = world.nowMs;
    }
  }
  // Debounced, and not starved: what is served is never older than the longest spacing and one pass.
  expect(waitedMs).toBeLessThanOrEqual(10_100);
  expect(world.workers.filter(({ isShuttingDown }) => isShuttingDown).length).toBeLessThanOrEqual(16);
  expect(world.hups).toBeLessThanOrEqual(18);
  await world.pass(10_000);
  expect(world.runs).toBe(made(number).hash);
});

test("after a storm a change is served soon again, when the old workers have ended", async () => {
  const world = new World();
  await world.serveA();
  for (let number = 10; number < 3_000; number += 1) {
    world.candidate = made(number);
    await world.pass(10);
  }
  world.workers = world.workers.slice(-1);
  world.candidate = B;
  await world.pass(1_000);
  await world.pass(1_000);
  expect(world.runs).toBe(B.hash);
});

test("a set that does not say who is wanted never follows one that does: Consul was wiped", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = made(0);
  await world.pass();
  expect([world.hups, world.runs]).toEqual([0, A.hash]);
  expect(world.last?.refused).toMatch(/lost who is wanted/);
  expect(world.reloader.served).toEqual({ generation: 1, members: [expect.objectContaining({ name: "web-1" })] });
  expect(world.reloader.isCatalogBack).toBe(true);
  world.candidate = A;
  await world.pass();
  expect(world.last).not.toHaveProperty("refused");
});

test("an empty set keeps the last good one, and says so", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = made(2, []);
  await world.pass();
  expect([world.hups, world.runs]).toEqual([0, A.hash]);
  expect(world.last?.refused).toMatch(/empty/);
  world.candidate = B;
  await world.pass();
  expect(world.last).not.toHaveProperty("refused");
});

test("what nginx objects to keeps the last good one, with nginx's words", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  world.objection = "[emerg] invalid port in upstreams.conf:5";
  await world.pass();
  expect([world.hups, world.current?.hash, world.last?.refused]).toEqual([0, A.hash, world.objection]);
  expect(world.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("a set of strangers that nginx cannot reach keeps the last good one, until it can", async () => {
  const world = new World();
  await world.serveA();
  world.unreachable = ["10.0.0.8:80", "10.0.0.9:80"];
  world.candidate = made(2, world.unreachable);
  await world.pass();
  expect([world.hups, world.current?.hash]).toEqual([0, A.hash]);
  expect(world.last?.refused).toBe("nginx reaches none of the new set: 10.0.0.8:80, 10.0.0.9:80");
  await world.pass(100);
  expect(world.probes).toBe(1);
  world.unreachable = ["10.0.0.9:80"];
  await world.pass(2_000);
  expect(world.runs).toBe(world.candidate.hash);
  expect(world.last).not.toHaveProperty("refused");
});

test("a set with somebody who is served already is not probed: that would cost time", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = C;
  await world.pass();
  expect([world.runs, world.probes]).toEqual([C.hash, 0]);
});

test("an nginx that does not follow raises the alarm, and is told again later", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  world.obeys = false;
  await world.pass();
  expect(world.last).toMatchObject({ configHash: A.hash });
  expect(world.last?.refused).toMatch(/still serves/);
  await world.pass(100);
  expect(world.hups).toBe(1);
  world.obeys = true;
  await world.pass(5_000);
  expect([world.hups, world.runs]).toEqual([2, B.hash]);
  expect(world.last).not.toHaveProperty("refused");
});

test("a reloader that starts anew believes in retirement after two looks", async () => {
  const world = new World();
  await world.serveA();
  const anew = world.another();
  const signal = new AbortController().signal;
  const before = world.told.length;
  await anew.pass(signal);
  expect(world.told[before]).toMatchObject({ configHash: A.hash, retired: false });
  world.nowMs += 1_000;
  await anew.pass(signal);
  expect([world.last?.retired, world.hups]).toEqual([true, 0]);
});

test("without `ps` on Docker's host it still reloads, and never claims retirement", async () => {
  const world = new World();
  await world.serveA();
  world.topFails = true;
  world.candidate = B;
  await world.pass();
  expect([world.runs, world.last?.retired]).toEqual([B.hash, false]);
  await expect(world.pass()).rejects.toThrow("ps: not found");
  expect(world.last?.retired).toBe(false);
});

test("an old worker that still answers causes no second reload", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  await world.pass();
  world.runs = A.hash;
  await world.pass(150);
  expect([world.hups, world.last?.configHash]).toEqual([1, B.hash]);
});
