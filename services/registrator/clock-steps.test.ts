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

/** A replica that started a minute ago, and a registrator that has seen it. */
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
    await until("the first look at everything", () => reconciler.lastSuccessMs !== undefined);
    return reconciler;
  };
  const reconciler = await another();
  const tell = (action: string, atMs = wallMs(), to = reconciler) =>
    to.onEvent({ containerId: A, action, atMs, ...(action === "kill" ? { signal: "15" } : {}) });
  const isOut = () => consul.agent.get(ID)?.maintenance === STOPPING_REASON;
  return { consul, views, reconciler, another, tell, isOut };
}

test.each([
  ["back", -HOUR_MS],
  ["forth", HOUR_MS],
])("the clock is set %s an hour between a replica's start and its stop: the stop is announced", async (_, ms) => {
  const { tell, isOut } = await running();
  clock.step(ms);
  tell("kill");
  await until("in maintenance", isOut);
});

test("a stop of an earlier process is not taken for one of the new process, however the clock was set", async () => {
  const { views, reconciler, tell, consul } = await running();
  clock.step(-HOUR_MS);
  const before = reconciler.lastSuccessMs;
  // `docker restart`: Docker still says that the new process starts an hour from now, for the clock was set back once more.
  tell("kill");
  tell("die");
  views.set(A, container({ startedAt: at(wallMs() + HOUR_MS) }));
  tell("start");
  await until("looked at", () => reconciler.lastSuccessMs !== before);
  await new Promise((resolve) => setTimeout(resolve, 300));
  reconciler.resync();
  const seen = reconciler.lastSuccessMs;
  await until("looked at once more", () => reconciler.lastSuccessMs !== seen);
  expect(consul.agent.get(ID)).not.toHaveProperty("maintenance");
  expect(consul.kv.size).toBe(0);
});

test("a replica that is being stopped is not routed again because the clock was set forth, nor after a restart of registrator", async () => {
  const { tell, isOut, reconciler, another, consul } = await running();
  tell("kill");
  await until("in maintenance, and remembered", () => isOut() && consul.kv.has(A));
  clock.step(HOUR_MS);
  reconciler.resync();
  const seen = reconciler.lastSuccessMs;
  await until("looked at", () => reconciler.lastSuccessMs !== seen);
  await another();
  expect([isOut(), consul.kv.has(A)]).toEqual([true, true]);
});

test("one that lived on after its stop signal is routed again, though the clock was set back", async () => {
  const { tell, isOut, reconciler } = await running(100);
  tell("kill");
  await until("in maintenance", isOut);
  clock.step(-HOUR_MS);
  await until("back in rotation", () => {
    reconciler.resync();
    return !isOut();
  });
});

test("its age is measured while the clock is set", async () => {
  const { reconciler } = await running();
  clock.step(-HOUR_MS);
  expect(reconciler.successAgeMs).toBeGreaterThanOrEqual(0);
  clock.step(3 * HOUR_MS);
  expect(reconciler.successAgeMs).toBeLessThan(HOUR_MS);
});
