import { wallMs } from "../kit/clock";
import { until } from "../../lab/driver/until";
import { container, FakeConsul, keptLog, ROLES } from "../test/fakes";
import { HOUR_MS, WallClock } from "../test/wall-clock";
import type { ContainerView } from "./model";
import { Reconciler } from "./reconciler";
import { registratorMetrics } from "./registrator-metrics";
import { STOPPING_REASON } from "./stopping";

const ID = "dev:dev-wordpress-1:80";
const A = container().id;
const at = (ms: number) => new Date(ms).toISOString();

let clock: WallClock;
const stops: AbortController[] = [];
beforeEach(() => (clock = new WallClock()));
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
  clock[Symbol.dispose]();
});

/** A replica that started a minute ago, and a registrator that has registered it. */
async function running(intentLimitMs = 600_000) {
  const consul = new FakeConsul();
  const views = new Map<string, ContainerView>([[A, container({ startedAt: at(wallMs() - 60_000) })]]);
  const docker = {
    list: () => Promise.resolve([...views.keys()]),
    inspect: (id: string) => Promise.resolve(views.get(id)),
    networkRoles: () => Promise.resolve(new Map(ROLES)),
  };
  const another = async () => {
    const stop = new AbortController();
    stops.push(stop);
    const reconciler = new Reconciler(
      { stack: "dev", intentLimitMs },
      docker,
      consul,
      registratorMetrics(),
      keptLog(),
      stop.signal,
    );
    void reconciler.run();
    reconciler.resync();
    await until("the first resync", () => reconciler.lastSuccessMs !== undefined);
    return reconciler;
  };
  const reconciler = await another();
  const emit = (action: string, atMs = wallMs(), to = reconciler) =>
    to.onEvent({ containerId: A, action, atMs, ...(action === "kill" ? { signal: "15" } : {}) });
  const isOut = () => consul.agent.get(ID)?.maintenance === STOPPING_REASON;
  return { consul, views, reconciler, another, emit, isOut };
}

test.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("a stop is recognised although the clock was set %s an hour since the replica's start", async (_, ms) => {
  const { emit, isOut } = await running();
  clock.step(ms);
  emit("kill");
  await until("in maintenance", isOut);
});

test("a stop of an earlier process is not attributed to the new process, however the clock was set", async () => {
  const { views, reconciler, emit, consul } = await running();
  clock.step(-HOUR_MS);
  const before = reconciler.lastSuccessMs;
  // `docker restart`: the new process's start lies an hour in the future, because the clock was set back once more.
  emit("kill");
  emit("die");
  views.set(A, container({ startedAt: at(wallMs() + HOUR_MS) }));
  emit("start");
  await until("inspected", () => reconciler.lastSuccessMs !== before);
  await new Promise((resolve) => setTimeout(resolve, 300));
  reconciler.resync();
  const seen = reconciler.lastSuccessMs;
  await until("inspected again", () => reconciler.lastSuccessMs !== seen);
  expect(consul.agent.get(ID)).not.toHaveProperty("maintenance");
  expect(consul.kv.size).toBe(0);
});

test("a replica that is being stopped is not routed again when the clock is set forward, nor after a restart of registrator", async () => {
  const { emit, isOut, reconciler, another, consul } = await running();
  emit("kill");
  await until("in maintenance, and stored", () => isOut() && consul.kv.has(A));
  clock.step(HOUR_MS);
  reconciler.resync();
  const seen = reconciler.lastSuccessMs;
  await until("resynced", () => reconciler.lastSuccessMs !== seen);
  await another();
  expect([isOut(), consul.kv.has(A)]).toEqual([true, true]);
});

test("a replica that survived its stop signal is routed again, although the clock was set back", async () => {
  const { emit, isOut, reconciler } = await running(100);
  emit("kill");
  await until("in maintenance", isOut);
  clock.step(-HOUR_MS);
  await until("routed again", () => {
    reconciler.resync();
    return !isOut();
  });
});

test("the age of the last success is measured on the monotonic clock", async () => {
  const { reconciler } = await running();
  clock.step(-HOUR_MS);
  expect(reconciler.successAgeMs).toBeGreaterThanOrEqual(0);
  clock.step(3 * HOUR_MS);
  expect(reconciler.successAgeMs).toBeLessThan(HOUR_MS);
});
