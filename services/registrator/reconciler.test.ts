import { until } from "../../lab/driver/until";
import { wallMs } from "../kit/clock";
import { container, FakeConsul, keptLog, ROLES } from "../test/fakes";
import type { DockerPort } from "./docker";
import type { ContainerView } from "./model";
import { Reconciler } from "./reconciler";
import { registratorMetrics } from "./registrator-metrics";
import { STOPPING_REASON } from "./stopping";

const ID = "dev:dev-wordpress-1:80";
const A = container().id;

/** Docker in memory; its list can fail and its inspections can hang. */
class FakeDocker implements DockerPort {
  readonly containers = new Map<string, ContainerView>();
  listFails = false;
  hangs = new Set<string>();

  list(): Promise<string[]> {
    return this.listFails ? Promise.reject(new Error("500")) : Promise.resolve([...this.containers.keys()]);
  }

  inspect(id: string): Promise<ContainerView | undefined> {
    return this.hangs.has(id) ? new Promise(() => undefined) : Promise.resolve(this.containers.get(id));
  }

  networkRoles(): Promise<Map<string, string>> {
    return Promise.resolve(new Map(ROLES));
  }
}

async function started(consul = new FakeConsul(), docker = new FakeDocker(), views = [container()]) {
  for (const view of views) docker.containers.set(view.id, view);
  const stop = new AbortController();
  const log = keptLog();
  const options = { stack: "dev", intentLimitMs: 600_000 };
  const reconciler = new Reconciler(options, docker, consul, registratorMetrics(), log, stop.signal);
  const running = reconciler.run();
  running_.push(async () => {
    stop.abort();
    await running;
  });
  reconciler.resync();
  await until("the first resync", () => consul.isDown || reconciler.lastSuccessMs !== undefined);
  return { reconciler, consul, docker, log };
}

const running_: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of running_.splice(0)) await end();
});

const event = (action: string, signal?: string) => ({
  containerId: A,
  action,
  atMs: wallMs() + 5,
  ...(signal === undefined ? {} : { signal }),
});

test("at its start it registers healthy containers and deregisters its own orphaned services", async () => {
  const consul = new FakeConsul();
  const meta = { "managed-by": "registrator", stack: "dev", "container-id": "f".repeat(64) };
  consul.agent.set("ghost", { id: "ghost", name: "w", tags: [], meta, address: "1", port: 1 });
  consul.agent.set("other", { id: "other", name: "w", tags: [], meta: { ...meta, stack: "x" }, address: "1", port: 1 });
  await started(consul);
  expect([...consul.agent.keys()].sort()).toEqual([ID, "other"]);
});

test("a failed list deregisters nothing", async () => {
  const { reconciler, consul, docker, log } = await started();
  docker.listFails = true;
  docker.containers.clear();
  reconciler.resync();
  await until("the failure is logged", () =>
    log.lines.some(({ message }) => message.includes("no service is deregistered")),
  );
  expect([...consul.agent.keys()]).toEqual([ID]);
});

test("a crashed replica is deregistered at the event, while Docker still keeps the container locked", async () => {
  const { reconciler, consul, docker } = await started();
  docker.hangs.add(A);
  reconciler.onEvent(event("die"));
  await until("the dead replica is deregistered", () => !consul.agent.has(ID));
});

test("a container that Docker keeps locked does not delay the others", async () => {
  const { reconciler, consul, docker } = await started();
  const other = container({ id: "b".repeat(64), name: "dev-wordpress-2" });
  docker.containers.set(other.id, other);
  docker.hangs.add(A);
  reconciler.onEvent(event("start"));
  reconciler.onEvent({ ...event("health_status: healthy"), containerId: other.id });
  await until("the healthy replica is registered", () => consul.agent.has("dev:dev-wordpress-2:80"));
});

test("a stop signal means maintenance at once; the intent is stored afterwards", async () => {
  const { reconciler, consul } = await started();
  reconciler.onEvent(event("kill", "1"));
  reconciler.onEvent(event("kill", "15"));
  await until("the intent is stored", () => consul.kv.has(A));
  expect(consul.agent.get(ID)?.maintenance).toBe(STOPPING_REASON);
  expect(consul.applied.slice(-2).map(({ kind }) => kind)).toEqual(["maintenance", "store-intent"]);
});

test("neither a resync nor a restart of registrator undoes a stop intent", async () => {
  const first = await started();
  first.reconciler.onEvent(event("kill", "15"));
  await until("the intent is stored", () => first.consul.kv.has(A));
  const second = await started(first.consul, first.docker);
  const before = second.reconciler.lastSuccessMs;
  second.reconciler.resync();
  await until("a second look at everything", () => second.reconciler.lastSuccessMs !== before);
  expect(second.consul.agent.get(ID)?.maintenance).toBe(STOPPING_REASON);
  expect(second.consul.applied.at(-1)?.kind).toBe("store-intent");
});

test("services lost in a wipe of Consul are registered again without any event", async () => {
  const { reconciler, consul } = await started();
  consul.agent.clear();
  await reconciler.lookForDrift();
  await until("registered again", () => consul.agent.has(ID));
});

test("changes during an outage of Consul are applied when it is back", async () => {
  const { reconciler, consul, docker, log } = await started();
  consul.isDown = true;
  docker.containers.set(A, container({ health: "unhealthy" }));
  reconciler.onEvent(event("health_status: unhealthy"));
  await until("a run fails", () => log.lines.some(({ message }) => message.startsWith("a run failed")));
  expect(consul.agent.has(ID)).toBe(true);
  consul.isDown = false;
  await until("the unhealthy replica is deregistered", () => !consul.agent.has(ID));
});

test("a problem is logged once", async () => {
  const { reconciler, log } = await started(new FakeConsul(), new FakeDocker(), [
    container({ labels: { SERVICE_NAME: "wordpress" } }),
  ]);
  const before = reconciler.lastSuccessMs;
  reconciler.resync();
  await until("a second resync", () => reconciler.lastSuccessMs !== before);
  expect(log.lines.filter(({ message }) => message === "not registered as the labels ask")).toHaveLength(1);
});
