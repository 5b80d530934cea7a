import fc from "fast-check";
import { dependentsWithin } from "../../../src/core/deletion";
import { durationSeconds } from "../../../src/core/goal";
import { Limiter } from "../../../src/core/limiter";
import { inDependencyOrder, normalizeUrns, withoutDanglingReferences } from "../../../src/core/snapshot";
import { StateStore } from "../../../src/core/state-store";
import { createUrn, defaultProviderName, nameOf, parseReference, typeOf } from "../../../src/core/urn";
import type { ResourceState, Snapshot } from "../../../src/model";

const state = (urn: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn,
  custom: true,
  id: urn,
  type: "t:t:T",
  inputs: {},
  outputs: {},
  ...more,
});
const urns = (states: readonly ResourceState[]): string[] => states.map(({ urn }) => urn);

describe("order", () => {
  test("what is needed comes first, whatever the order was; nothing is lost", () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 12 }).chain((edges) => {
      const states = edges.map((to, i) => {
        const dependencies = i === 0 ? [] : [...new Set(to.map((n) => `u${n % i}`))];
        return state(`u${i}`, { dependencies });
      });
      return fc.shuffledSubarray(states, { minLength: states.length });
    });
    fc.assert(
      fc.property(graph, (states) => {
        const sorted = inDependencyOrder(states);
        expect(urns(sorted).sort()).toEqual(urns(states).sort());
        const seen = new Set<string>();
        for (const { urn, dependencies = [] } of sorted) {
          for (const dependency of dependencies) expect(seen.has(dependency)).toBe(true);
          seen.add(urn);
        }
      }),
    );
  });

  test("of two with one URN, the doomed needs the doomed and the live the live", () => {
    const sorted = inDependencyOrder([
      state("b", { dependencies: ["a"], delete: true, id: "b-old" }),
      state("b", { dependencies: ["a"], id: "b-new" }),
      state("a", { delete: true, id: "a-old" }),
      state("a", { id: "a-new" }),
    ]);
    expect(sorted.map(({ id }) => id)).toEqual(["a-old", "b-old", "a-new", "b-new"]);
  });

  test("deletions wait for dependents, for children, and for what needs a component", () => {
    const component = state("group", { custom: false });
    const child = state("child", { parent: "group" });
    const user = state("user", { dependencies: ["group"] });
    const free = state("free");
    const all = [component, child, user, free];
    const order = dependentsWithin(new Set([child, user, free]), all);
    expect(urns(order.get(child) ?? [])).toEqual(["user"]);
    expect(order.get(free)).toBeUndefined();
    expect(urns(dependentsWithin(new Set(all), all).get(component) ?? [])).toEqual(["child", "user"]);
  });
});

test("a new name is followed by every reference, and by the URNs of children", () => {
  const old = "urn:pulumi:s::p::x:y:Z::old";
  const renamed = "urn:pulumi:s::p::x:y:New::new";
  const [, child] = normalizeUrns(
    [
      state(renamed, { custom: false }),
      state("urn:pulumi:s::p::x:y:Z$t:t:T::child", {
        parent: old,
        dependencies: [old],
        provider: `${old}::id`,
        propertyDependencies: { a: [old] },
      }),
    ],
    new Map([[old, renamed]]),
  );
  expect(child).toMatchObject({
    urn: "urn:pulumi:s::p::x:y:New$t:t:T::child",
    parent: renamed,
    dependencies: [renamed],
    provider: `${renamed}::id`,
    propertyDependencies: { a: [renamed] },
  });
});

test("references to what is gone are taken out", () => {
  const left = [state("b", { dependencies: ["a"], propertyDependencies: { x: ["a"] }, deletedWith: "a" })];
  const [repaired] = withoutDanglingReferences(left, [state("a"), ...left]);
  expect(repaired).toEqual(state("b", { dependencies: [], propertyDependencies: { x: [] } }));
});

describe("store", () => {
  const empty: Snapshot = { resources: [], pendingOperations: [] };

  test("saves never overlap, writers share them, and each one's record is in a save that it waited for", async () => {
    const saved: Snapshot[] = [];
    let running = 0;
    const store = new StateStore(empty, async (snapshot) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      saved.push(snapshot);
      running--;
    });
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const resource = state(`u${i}`);
        await store.begin(resource, "creating");
        expect(
          saved.some(({ pendingOperations }) => pendingOperations.some((op) => op.resource.urn === resource.urn)),
        ).toBe(true);
        store.end(resource);
        store.put(resource);
        await store.flush();
        expect(urns(saved.at(-1)?.resources ?? [])).toContain(resource.urn);
      }),
    );
    expect(saved.length).toBeLessThan(10);
    expect(saved.at(-1)?.resources).toHaveLength(100);
  });

  test("a save that fails fails its writers, and what it lacked is written by the next", async () => {
    let broken = true;
    const saved: Snapshot[] = [];
    const store = new StateStore(empty, (snapshot) => {
      if (broken) return Promise.reject(new Error("disk full"));
      saved.push(snapshot);
      return Promise.resolve();
    });
    store.put(state("a"));
    await expect(store.flush()).rejects.toThrow("disk full");
    broken = false;
    await store.flush();
    expect(urns(saved[0]?.resources ?? [])).toEqual(["a"]);
  });

  test("the caller's snapshot is left alone, and a saved one does not change afterwards", async () => {
    const given = { resources: [state("a")], pendingOperations: [] };
    const store = new StateStore(given, undefined);
    const [old] = store.olds;
    if (!old) throw new Error("the store lost a resource");
    const before = store.snapshot();
    old.delete = true;
    store.put(state("a", { id: "new" }));
    expect(given.resources[0]?.delete).toBeUndefined();
    expect(before.resources[0]?.delete).toBeUndefined();
    expect(store.snapshot().resources.map(({ id }) => id)).toEqual(["new", "a"]);
    await store.flush();
  });
});

test("the limiter runs as many as it may, in order, and goes on after a failure", async () => {
  const limiter = new Limiter(2);
  const started: number[] = [];
  let running = 0;
  const tasks = [0, 1, 2, 3, 4].map((i) =>
    limiter.run(async () => {
      started.push(i);
      expect(++running).toBeLessThanOrEqual(2);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (i === 1) throw new Error("one");
    }),
  );
  const results = await Promise.allSettled(tasks);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
});

test("names", () => {
  const parent = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s";
  const base = { stack: "s", project: "p", type: "a:b:C", name: "n::m" };
  expect(createUrn({ ...base, parent })).toBe("urn:pulumi:s::p::a:b:C::n::m");
  const child = createUrn({ ...base, parent: "urn:pulumi:s::p::x:y:Z$d:e:F::q" });
  expect(child).toBe("urn:pulumi:s::p::x:y:Z$d:e:F$a:b:C::n::m");
  expect([typeOf(child), nameOf(child)]).toEqual(["a:b:C", "n::m"]);
  expect(parseReference(`${child}::id`)).toEqual({ urn: child, id: "id" });
});

test.each([
  ["90s", 90],
  ["1h30m", 5400],
  ["500ms", 0.5],
  ["1.5m", 90],
])("a timeout of %s is %d seconds", (text, seconds) => {
  expect(durationSeconds(text)).toBeCloseTo(seconds);
});
test.each(["", "5", "5 m", "m"])("%j is no timeout", (text) => {
  expect(() => durationSeconds(text)).toThrow("invalid custom timeout");
});

test.each([
  ["", "", "default"],
  ["5.2.0", "", "default_5_2_0"],
  ["5.2.0-alpha.1", "", "default_5_2_0_alpha_1"],
  ["5.2.0-rc-2+dirty.x", "", "default_5_2_0_rc-2_dirty_x"],
  ["5.2.0", "https://example.com/a b", "default_5_2_0_https_/example.com/a_b"],
  ["", "github://x", "default_github_/x"],
])("the default provider of version %j from %j is called %s, as by the CLI", (version, pluginDownloadUrl, name) => {
  expect(defaultProviderName({ version, pluginDownloadUrl })).toBe(name);
});
