import { until } from "../../lab/driver/until";
import { container, FakeConsul, keptLog, ROLES } from "../test/fakes";
import { pause } from "../kit/pause";
import type { ContainerView } from "./model";
import { Reconciler } from "./reconciler";
import { registratorMetrics } from "./registrator-metrics";

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const serviceOf = (n: number) => `dev:w-${n}:80`;

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** A Docker in which some calls hang or fail. */
function world(count: number) {
  const views = new Map<string, ContainerView>();
  for (let n = 1; n <= count; n += 1) views.set(`id-${n}`, container({ id: `id-${n}`, name: `w-${n}` }));
  const state = { hanging: new Set<string>(), failing: new Set<string>(), listHangs: false, networksHang: false };
  const docker = {
    list: () => (state.listHangs ? never<string[]>() : Promise.resolve([...views.keys()])),
    networkRoles: () => (state.networksHang ? never<Map<string, string>>() : Promise.resolve(new Map(ROLES))),
    inspect: (id: string) => {
      if (state.hanging.has(id)) return never<ContainerView>();
      return state.failing.has(id) ? Promise.reject(new Error("500")) : Promise.resolve(views.get(id));
    },
  };
  const consul = new FakeConsul();
  const stop = new AbortController();
  stops.push(stop);
  const metrics = registratorMetrics();
  const log = keptLog();
  const options = { stack: "dev", intentLimitMs: 60_000, inspectLimitMs: 30, listLimitMs: 30 };
  const reconciler = new Reconciler(options, docker, consul, metrics, log, stop.signal);
  void reconciler.run();
  reconciler.resync();
  return { views, state, docker, consul, reconciler, metrics, log };
}

test.each(["hanging", "failing"] as const)(
  "after a wipe of Consul all containers are registered again but the one whose inspection is %s",
  async (how) => {
    const { state, consul, reconciler, metrics } = world(20);
    await until("twenty registered", () => consul.agent.size === 20);
    state[how].add("id-3");
    reconciler.resync();
    await until("one is unanswered", () => metrics.render().includes("unanswered_containers 1\n"));
    expect(consul.agent.has(serviceOf(3))).toBe(true);
    consul.agent.clear();
    await until("nineteen registered again", () => {
      void reconciler.lookForDrift();
      return consul.agent.size === 19;
    });
    expect(consul.agent.has(serviceOf(3))).toBe(false);
    // A container that cannot be inspected must not cause endless resyncs. A look during a run finds nothing, so one is not enough.
    const resync = jest.spyOn(reconciler, "resync");
    for (let look = 0; look < 10; look += 1) {
      await pause(2);
      await reconciler.lookForDrift();
    }
    expect(resync).not.toHaveBeenCalled();
    if (how === "hanging") return;
    state.failing.clear();
    await until("the last one is back as soon as Docker answers", () => consul.agent.has(serviceOf(3)), {
      limitMs: 10_000,
    });
  },
);

test.each(["hanging", "failing"] as const)("a start while one inspection is %s registers the others", async (how) => {
  const { state, consul, reconciler, metrics } = world(20);
  state[how].add("id-3");
  await until("nineteen registered", () => consul.agent.size === 19 && reconciler.lastSuccessMs !== undefined);
  expect(metrics.render()).toContain("unanswered_containers 1\n");
});

test("when Docker answers for no container, the resync does not count as a success", async () => {
  const { state, reconciler, log } = world(3);
  for (const n of [1, 2, 3]) state.hanging.add(`id-${n}`);
  await until("the failure is logged", () =>
    log.lines.some(({ fields }) => /for none of the 3/.test(String(fields.error))),
  );
  expect(reconciler.lastSuccessMs).toBeUndefined();
});

test("a list that hangs is requested again", async () => {
  const { state, consul, reconciler, log } = world(2);
  await until("registered", () => consul.agent.size === 2);
  state.listHangs = true;
  consul.agent.clear();
  reconciler.resync();
  await until("logged", () =>
    log.lines.some(({ fields }) => /list of containers: no answer/.test(String(fields.error))),
  );
  state.listHangs = false;
  await until("registered again", () => consul.agent.size === 2);
});

test("while Docker does not list its networks, the known ones are used", async () => {
  const { state, consul, reconciler } = world(2);
  await until("registered", () => consul.agent.size === 2);
  state.networksHang = true;
  consul.agent.clear();
  reconciler.resync();
  await until("registered again", () => consul.agent.size === 2);
});

test("a container on an unknown network is left unchanged and does not delay the others", async () => {
  const { views, state, consul, reconciler } = world(2);
  await until("registered", () => consul.agent.size === 2 && reconciler.lastSuccessMs !== undefined);
  state.networksHang = true;
  const moved = [...container().networks, { networkId: "net-new", networkName: "new", address: "10.9.9.9" }];
  views.set("id-1", container({ id: "id-1", name: "w-1", networks: moved }));
  views.set("id-2", container({ id: "id-2", name: "w-2", health: "unhealthy" }));
  reconciler.resync();
  await until("the unhealthy one is deregistered", () => !consul.agent.has(serviceOf(2)), { limitMs: 10_000 });
  expect(consul.agent.has(serviceOf(1))).toBe(true);
});
