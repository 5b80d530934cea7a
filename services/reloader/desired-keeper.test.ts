import type { Desired } from "../../contract/consul-kv";
import { parseDesired } from "../kit/consul-values";
import { keptLog } from "../test/fakes";
import { DesiredKeeper, WAIT_FOR_CATALOG_MS, type DesiredStore, type Found } from "./desired-keeper";

const wanted = (generation: number, ...ids: string[]): Desired => ({
  generation,
  members: ids.map((id) => ({ name: id, containerId: id })),
});

/** Consul's key, a volume and a reloader, in memory. */
class World {
  nowMs = 1_000_000;
  inConsul: Desired | undefined;
  onDisk: Desired | undefined;
  served: Desired | undefined;
  isCatalogBack = false;
  creations = 0;
  failures = 0;
  /** The key holds an unreadable value. */
  isUnreadable = false;
  storeFailures = 0;
  tell: (found: Found) => void = () => undefined;
  readonly stop = new AbortController();
  readonly log = keptLog();
  readonly store: DesiredStore = {
    read: () => Promise.resolve(this.onDisk),
    write: (value) => {
      if (this.storeFailures > 0) {
        this.storeFailures -= 1;
        return Promise.reject(new Error("ENOSPC"));
      }
      this.onDisk = value;
      return Promise.resolve();
    },
  };
  readonly done: Promise<void>;

  constructor(start: Partial<Pick<World, "onDisk" | "served">> = {}) {
    Object.assign(this, start);
    const keeper = new DesiredKeeper(
      {
        watch: (changed) => (this.tell = changed),
        write: (value, { index }) => {
          if (this.failures > 0) {
            this.failures -= 1;
            return Promise.reject(new Error("connect ECONNREFUSED"));
          }
          this.creations += 1;
          if (this.inConsul !== undefined || index !== this.index) return Promise.resolve(false);
          this.isUnreadable = false;
          this.inConsul = value;
          return Promise.resolve(true);
        },
      },
      this.store,
      this,
      this.log,
      () => this.nowMs,
    );
    this.done = keeper.run(this.stop.signal);
  }

  private get index(): number {
    return this.isUnreadable ? 42 : 0;
  }

  /** Consul's watch reports this value. */
  changed(value: Desired | undefined): void {
    this.tell({ value, index: value === undefined ? this.index : value.generation });
  }

  /** Waits for two rounds of the keeper. */
  async settle(): Promise<void> {
    await jest.advanceTimersByTimeAsync(250);
  }
}

let world: World;
beforeEach(() => jest.useFakeTimers());
afterEach(async () => {
  world.stop.abort();
  await world.done;
  jest.useRealTimers();
});

/** Lets the fake clock run until something holds, for ten seconds of it: more than the keeper's longest pauses. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks += 1) {
    if (looks === 100) throw new Error(`after 10 s of the fake clock still not: ${what}`);
    await jest.advanceTimersByTimeAsync(100);
  }
}

test("an unreadable value counts as no desired set", () => {
  world = new World();
  expect([undefined, null, "", "{}", '{"generation":0,"members":[]}'].map(parseDesired)).toEqual(
    Array(5).fill(undefined),
  );
  expect(parseDesired(JSON.stringify(wanted(3, "a")))).toEqual(wanted(3, "a"));
});

test("the newest desired set is kept", async () => {
  world = new World();
  await world.settle();
  world.changed(wanted(2, "a", "b"));
  await until("kept", () => world.onDisk?.generation === 2);
  world.changed(wanted(1, "old"));
  await world.settle();
  expect(world.onDisk).toEqual(wanted(2, "a", "b"));
});

test("the desired set is restored in a wiped Consul once its catalog has all served replicas", async () => {
  world = new World({ onDisk: wanted(7, "a", "b", "unhealthy"), served: wanted(7, "a", "b") });
  await world.settle();
  world.changed(undefined);
  await world.settle();
  expect(world.creations).toBe(0);
  world.failures = 1;
  world.isCatalogBack = true;
  await until("restored", () => world.inConsul !== undefined);
  expect(world.inConsul).toEqual(wanted(7, "a", "b", "unhealthy"));
});

test("the wait for an incomplete catalog has a limit", async () => {
  world = new World({ onDisk: wanted(7, "a", "b"), served: wanted(7, "a", "b") });
  await world.settle();
  world.changed(undefined);
  await world.settle();
  world.nowMs += WAIT_FOR_CATALOG_MS;
  await until("restored", () => world.inConsul !== undefined);
});

test("a newer set that was written meanwhile stays, and is kept", async () => {
  world = new World({ onDisk: wanted(7, "a"), served: wanted(7, "a") });
  await world.settle();
  world.changed(undefined);
  world.inConsul = wanted(8, "a", "c");
  world.isCatalogBack = true;
  await until("tried", () => world.creations > 0);
  world.changed(world.inConsul);
  await until("kept", () => world.onDisk?.generation === 8);
  expect(world.inConsul).toEqual(wanted(8, "a", "c"));
  await world.settle();
  expect(world.creations).toBe(1);
});

test("without a copy, or with one older than the served configuration, the latter is restored", async () => {
  world = new World({ onDisk: wanted(6, "old"), served: wanted(7, "a") });
  await world.settle();
  world.isCatalogBack = true;
  world.changed(undefined);
  await until("restored", () => world.inConsul !== undefined);
  expect(world.inConsul).toEqual(wanted(7, "a"));
});

test("at the first deployment nothing is written", async () => {
  world = new World();
  await world.settle();
  world.isCatalogBack = true;
  world.changed(undefined);
  world.nowMs += 2 * WAIT_FOR_CATALOG_MS;
  await world.settle();
  expect(world.creations).toBe(0);
});

test("an unreadable value is overwritten like a missing one", async () => {
  world = new World({ onDisk: wanted(7, "a"), served: wanted(7, "a") });
  await world.settle();
  world.isUnreadable = true;
  world.isCatalogBack = true;
  world.changed(undefined);
  await until("restored", () => world.inConsul !== undefined);
  expect(world.inConsul).toEqual(wanted(7, "a"));
});

test("a write to a full volume is retried until it succeeds", async () => {
  world = new World();
  await world.settle();
  world.storeFailures = 2;
  world.changed(wanted(3, "a"));
  await until("kept", () => world.onDisk?.generation === 3);
});
