import fc from "fast-check";
import { BACKEND, container, FakeConsul, FRONTEND, ROLES } from "../test/fakes";
import type { ActualService, ContainerView, HeldIntent } from "./model";
import { claims, isOwned, plan, type Situation } from "./plan";
import { STOPPING_REASON } from "./stopping";

const checked = { ...container().labels, SERVICE_CHECK_HTTP: "/" };
const replica = (changes: Partial<ContainerView> = {}) => container({ labels: checked, ...changes });

function situation(
  consul: FakeConsul,
  scope: Map<string, ContainerView | undefined>,
  intents = new Map<string, HeldIntent>(),
): Situation {
  const views = [...scope.values()].filter((view) => view !== undefined);
  return {
    stack: "dev",
    nowMs: 600_000,
    intentLimitMs: 600_000,
    scope,
    claims: claims("dev", views, ROLES),
    networkRoles: ROLES,
    services: [...consul.agent.values()],
    intents,
    storedIntents: new Set(consul.kv.keys()),
  };
}

async function settle(
  consul: FakeConsul,
  views: (ContainerView | undefined)[],
  intents = new Map<string, HeldIntent>(),
) {
  const scope = new Map(views.map((view) => [view?.id ?? "a".repeat(64), view]));
  const { steps, problems } = plan(situation(consul, scope, intents));
  for (const step of steps) await consul.apply(step);
  return { steps, problems };
}

const ID = "dev:dev-wordpress-1:80";
/** The intents as a restarted registrator finds them. */
const found = (consul: FakeConsul) => new Map([...consul.kv].map(([id, one]) => [id, { ...one, sinceMs: 599_000 }]));
const stopIntent = (view: ContainerView) =>
  new Map([[view.id, { startedAt: view.startedAt, atMs: 0, sinceMs: 599_000 }]]);

describe("the plan", () => {
  test("a healthy replica is registered as passing, and then left alone", async () => {
    const consul = new FakeConsul();
    expect((await settle(consul, [replica()])).steps).toMatchObject([
      { kind: "register", checkStatus: "passing", registration: { id: ID } },
    ]);
    expect((await settle(consul, [replica()])).steps).toEqual([]);
  });

  test("a check that turned critical is not reset", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    consul.agent.set(ID, { ...required(consul.agent.get(ID)), checkStatus: "critical" });
    expect((await settle(consul, [replica()])).steps).toEqual([]);
    const moved = replica({ networks: [net(BACKEND, "10.0.2.9"), net(FRONTEND, "10.0.1.9")] });
    expect((await settle(consul, [moved])).steps).toMatchObject([
      { kind: "register", checkStatus: "critical", why: "address" },
    ]);
  });

  test.each([
    ["unhealthy", replica({ health: "unhealthy" }), "container unhealthy"],
    ["paused", replica({ paused: true }), "container paused"],
    ["dead", replica({ running: false }), "container not running"],
    ["gone", undefined, "container gone"],
  ])("a replica that is %s is deregistered", async (_name, view, why) => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    expect((await settle(consul, [view])).steps).toEqual([{ kind: "deregister", serviceId: ID, why }]);
  });

  test("a replica asked to stop enters maintenance and stays in it across a restart of registrator", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    const { steps } = await settle(consul, [replica()], stopIntent(replica()));
    expect(steps.map(({ kind }) => kind).sort()).toEqual(["maintenance", "store-intent"]);
    expect((await settle(consul, [replica()], found(consul))).steps).toEqual([]);
    expect(consul.agent.get(ID)?.maintenance).toBe(STOPPING_REASON);
  });

  test("a replica asked to stop is not registered again after Consul was wiped", async () => {
    const { steps } = await settle(new FakeConsul(), [replica()], stopIntent(replica()));
    expect(steps.map(({ kind }) => kind)).toEqual(["store-intent"]);
  });

  test("a restarted replica is routed again", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    await settle(consul, [replica()], stopIntent(replica()));
    const anew = replica({ startedAt: "2026-01-01T00:09:59.5Z" });
    expect((await settle(consul, [anew], found(consul))).steps).toMatchObject([
      { kind: "clear-intent", why: "ended" },
      { kind: "maintenance", enable: false },
    ]);
    expect(consul.agent.get(ID)?.maintenance).toBeUndefined();
    expect(consul.kv.size).toBe(0);
  });

  test("an operator's maintenance is left alone", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    consul.agent.set(ID, { ...required(consul.agent.get(ID)), maintenance: "by hand" });
    expect((await settle(consul, [replica()])).steps).toEqual([]);
  });

  test("a re-created container takes over its service ID in place", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    const anew = replica({ id: "b".repeat(64), startedAt: "2026-01-01T00:05:00Z" });
    const { steps } = await settle(consul, [replica({ running: false }), anew]);
    expect(steps).toMatchObject([{ kind: "register", why: "meta" }]);
  });

  test("of two containers with one service ID the first to start gets it, and the other has a problem", async () => {
    const labels = { ...checked, SERVICE_ID: "one" };
    const first = replica({ labels });
    const second = replica({ labels, id: "b".repeat(64), startedAt: "2026-01-01T00:05:00Z" });
    const consul = new FakeConsul();
    const { problems } = await settle(consul, [second, first]);
    expect(consul.agent.get("one")?.meta["container-id"]).toBe(first.id);
    expect(problems.get(second.id)?.[0]).toMatch(/belongs to container aaaaaaaaaaaa/);
  });

  test("a service that registrator does not own is not overwritten, even with the same ID", async () => {
    const consul = new FakeConsul();
    consul.agent.set(ID, foreign(ID));
    const { steps, problems } = await settle(consul, [replica()]);
    expect(steps).toEqual([]);
    expect(problems.get(replica().id)?.[0]).toMatch(/not registrator's of stack dev/);
  });

  test("a check that is no longer asked for is deregistered", async () => {
    const consul = new FakeConsul();
    await settle(consul, [replica()]);
    const { steps } = await settle(consul, [container()]);
    expect(steps.map(({ kind }) => kind)).toEqual(["register", "deregister-check"]);
    expect((await settle(consul, [container()])).steps).toEqual([]);
  });
});

describe("for any containers and any state of Consul", () => {
  const views = fc.uniqueArray(
    fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      running: fc.boolean(),
      paused: fc.boolean(),
      health: fc.constantFrom("none" as const, "starting" as const, "healthy" as const, "unhealthy" as const),
      second: fc.integer({ min: 1, max: 59 }),
      host: fc.integer({ min: 1, max: 250 }),
      name: fc.constantFrom("x", "y", undefined),
      stopping: fc.boolean(),
    }),
    { selector: ({ n }) => n, maxLength: 6 },
  );
  const make = (spec: { n: number; second: number; host: number; name: string | undefined }) =>
    replica({
      ...spec,
      id: String(spec.n).repeat(64),
      name: `dev-wordpress-${spec.n}`,
      startedAt: `2026-01-01T00:00:${String(spec.second).padStart(2, "0")}Z`,
      labels: { ...checked, ...(spec.name === undefined ? {} : { SERVICE_ID: spec.name }) },
      networks: [net(BACKEND, `10.0.2.${spec.host}`), net(FRONTEND, `10.0.1.${spec.host}`)],
    });

  test("the plan converges within two runs, a third changes nothing, and services of others are untouched", async () => {
    await fc.assert(
      fc.asyncProperty(views, views, async (before, now) => {
        const consul = new FakeConsul();
        consul.agent.set("foreign", foreign("foreign"));
        await settle(consul, before.map(make));
        const scope = new Map<string, ContainerView | undefined>(before.map((spec) => [make(spec).id, undefined]));
        for (const spec of now) scope.set(make(spec).id, make(spec));
        const intents = new Map(
          now
            .filter(({ stopping }) => stopping)
            .map((spec) => [make(spec).id, required(stopIntent(make(spec)).get(make(spec).id))]),
        );
        for (let run = 0; run < 2; run += 1) {
          for (const step of plan(situation(consul, scope, intents)).steps) {
            if (step.kind === "clear-intent") intents.delete(step.containerId);
            await consul.apply(step);
          }
        }
        expect(plan(situation(consul, scope, intents)).steps).toEqual([]);
        expect(consul.agent.get("foreign")).toEqual(foreign("foreign"));
        for (const service of consul.agent.values()) {
          if (!isOwned("dev", service)) continue;
          const view = scope.get(required(service.meta["container-id"]));
          expect(view?.running).toBe(true);
          expect(view?.paused).toBe(false);
          if (intents.has(required(view).id)) expect(service.maintenance).toBeDefined();
          else expect(service.maintenance).toBeUndefined();
        }
      }),
    );
  });
});

const net = (networkId: string, address: string) => ({ networkId, networkName: networkId, address });
const foreign = (id: string): ActualService => ({ id, name: "x", tags: [], meta: {}, address: "1.2.3.4", port: 1 });

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a value");
  return value;
}
