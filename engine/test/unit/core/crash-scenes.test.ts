/** What the random sequences of crashes.test.ts have found, each by itself. */
import { NAMES } from "../../support/crashing-world/arbitrary-plans";
import { CALM, expectNothingLost, expectRecovery } from "../../support/crashing-world/expectations";
import { foreignId, urnOfWish, type Wish } from "../../support/crashing-world/plan";
import { World } from "../../support/crashing-world/world";

test("something imported again, while its earlier state waits to be deleted, stays", async () => {
  const calm = { kind: "update", ...CALM } as const;
  const c: Wish = { name: "c", size: 0, kind: 0, deleteFirst: false, needs: [] };
  let waited = 0;
  for (let at = 1; at < 20; at += 1) {
    const world = new World().withForeigners(NAMES);
    await world.run({ ...calm, wishes: [{ ...c, imports: true }] });
    // Another kind replaces it, and the run may end before the old one is deleted.
    await world.run({ ...calm, wishes: [{ ...c, kind: 1 }], fault: { what: "interrupt", at } });
    if (!world.snapshot.resources.some((state) => state.delete && state.id === foreignId("c"))) continue;
    waited += 1;
    await world.run({ ...calm, wishes: [{ ...c, imports: true }] });
    expect({ at, things: [...world.things.keys()] }).toEqual({
      at,
      things: expect.arrayContaining([foreignId("c")]) as string[],
    });
  }
  expect(waited).toBeGreaterThan(0);
});

test("a run that dies while it deletes what it calls by a new name leaves a note that the next one understands", async () => {
  const calm = { kind: "update", ...CALM } as const;
  const d: Wish = { name: "d", size: 0, kind: 0, deleteFirst: false, needs: [] };
  // Another kind, another name: what was `d` is replaced, and deleted at the end.
  const e: Wish = { ...d, name: "e", kind: 1, was: "d" };
  let deleting = 0;
  let struck = true;
  for (let at = 1; struck; at += 1) {
    const world = new World();
    await world.run({ ...calm, wishes: [d] });
    ({ struck } = await world.run({ ...calm, wishes: [e], fault: { what: "kill", at } }));
    if (world.snapshot.pendingOperations.some(({ type }) => type === "deleting")) deleting += 1;
    // One that settles what was left open, and ends before it does anything else.
    await world.run({ ...calm, wishes: [], fault: { what: "program fails", after: 0 } });
    expect(() => {
      expectNothingLost(world);
    }).not.toThrow();
  }
  expect(deleting).toBeGreaterThan(0);
});

test("an interrupted deletion that a run about something else completes is not left open", async () => {
  const calm = { kind: "update", ...CALM } as const;
  const a: Wish = { name: "a", size: 0, kind: 0, deleteFirst: true, needs: [] };
  const b: Wish = { ...a, name: "b", needs: ["a"] };
  let open = 0;
  for (let at = 1; at < 10; at += 1) {
    const world = new World();
    await world.run({ ...calm, wishes: [a, b] });
    await world.run({ ...calm, kind: "destroy", wishes: [], fault: { what: "kill", at } });
    if (!world.snapshot.pendingOperations.some(({ resource }) => resource.urn === urnOfWish(b))) continue;
    open += 1;
    // `b` is no target, so it is not read; but it has to make room for the replacement of what it needs.
    await world.run({ ...calm, wishes: [{ ...a, kind: 1 }], targets: ["a"] });
    const { resources, pendingOperations } = world.snapshot;
    expect(resources.find(({ urn }) => urn === urnOfWish(b))).toMatchObject({ pendingReplacement: true });
    expect(pendingOperations).toEqual([]);
  }
  expect(open).toBeGreaterThan(0);
});

test("what waits for its replacement, and is wanted but no target, goes with what it needed", async () => {
  const calm = { kind: "update", ...CALM } as const;
  const a: Wish = { name: "a", size: 0, kind: 0, deleteFirst: true, needs: [] };
  const b: Wish = { ...a, name: "b" };
  let waited = 0;
  for (let at = 1; at < 12; at += 1) {
    const world = new World();
    await world.run({ ...calm, wishes: [a, { ...b, needs: ["a"] }] });
    // Another kind, which needs `a` no more; the run may end when the old one is deleted and the new one not made.
    await world.run({ ...calm, wishes: [a, { ...b, kind: 1 }], fault: { what: "kill", at } });
    if (!world.snapshot.resources.some(({ pendingReplacement }) => pendingReplacement)) continue;
    waited += 1;
    const { summary } = await world.run({ ...calm, wishes: [{ ...b, kind: 1 }], targets: ["a"] });
    expect({ failed: summary?.failed, crimes: world.crimes }).toEqual({ failed: false, crimes: [] });
    expect(world.snapshot.resources.filter(({ type }) => type.startsWith("fake:"))).toEqual([]);
    await expectRecovery(world, [{ ...b, kind: 1 }]);
  }
  expect(waited).toBeGreaterThan(0);
});

describe("what needs two that are replaced by deleting them first", () => {
  const calm = { kind: "update", ...CALM } as const;
  const a: Wish = { name: "a", size: 0, kind: 0, deleteFirst: true, needs: [] };
  const b: Wish = { ...a, name: "b" };
  const c: Wish = { ...a, name: "c", needs: ["a", "b"] };

  test("is deleted once, if it was to be deleted anyway", async () => {
    const world = new World().withForeigners(NAMES);
    await world.run({ ...calm, wishes: [a, { ...b, protect: true }, c] });
    // Another `c` takes its place; the old one stays for now, since nothing is deleted in a run that must not delete `b`.
    const imported: Wish = { ...c, needs: [], deleteFirst: false, imports: true };
    await world.run({ ...calm, wishes: [imported] });
    expect(world.snapshot.resources.filter((state) => state.delete)).toHaveLength(1);
    const gone = jest.spyOn(world.things, "delete");
    const wishes = [{ ...a, kind: 1 }, { ...b, kind: 1 }, imported];
    const { summary } = await world.run({ ...calm, wishes });
    expect({ failed: summary?.failed, crimes: world.crimes }).toEqual({ failed: false, crimes: [] });
    expect(gone.mock.calls.flat().sort()).toEqual(["id-1", "id-2", "id-3"]);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("is deleted before either of them (%i)", async (slow) => {
    const world = new World();
    await world.run({ ...calm, wishes: [a, b, c] });
    const gone = jest.spyOn(world.things, "delete");
    // One of the first calls takes much longer than the others.
    const chances = Array.from({ length: 40 }, (_, i) => (i === slow ? 50 : 0));
    const wishes = [{ ...a, kind: 1 }, { ...b, kind: 1 }, c];
    const { summary } = await world.run({ ...calm, wishes, chances });
    expect(summary?.failed).toBe(false);
    expect(gone.mock.calls[0]).toEqual(["id-3"]);
    expect(gone).toHaveBeenCalledTimes(3);
  });
});

test("a note about what the state says is gone is not kept", async () => {
  const world = new World();
  const wanted: Wish = { name: "a", size: 0, kind: 0, deleteFirst: true, needs: [] };
  await world.run({ kind: "update", wishes: [wanted], ...CALM });
  const { resources } = world.snapshot;
  const gone = resources.pop();
  if (!gone) throw new Error("no resource");
  world.things.clear();
  world.disk = JSON.stringify({
    resources: [...resources, { ...gone, pendingReplacement: true }],
    pendingOperations: [{ type: "deleting", resource: gone }],
  });
  const { summary } = await world.run({ kind: "update", wishes: [wanted], ...CALM });
  expect(summary).toMatchObject({ failed: false, counts: { same: 2, replace: 1 } });
  expect(world.snapshot.pendingOperations).toEqual([]);
});

test("what another engine has finished since is not taken for a leftover", async () => {
  const world = new World();
  const wanted: Wish = { name: "a", size: 0, kind: 0, deleteFirst: true, needs: [] };
  await world.run({ kind: "update", wishes: [wanted], ...CALM });
  // The CLI keeps the note of an interrupted creation until somebody says that it is dealt with.
  const { resources } = world.snapshot;
  const [resource] = resources.slice(-1).map(({ id: _, ...rest }) => rest);
  world.disk = JSON.stringify({ resources, pendingOperations: [{ type: "creating", resource }] });
  const { summary } = await world.run({ kind: "update", wishes: [wanted], ...CALM });
  expect(summary?.counts).toEqual({ same: 3 });
  expect(world.snapshot.pendingOperations).toEqual([]);
  expect(world.things.size).toBe(1);
});

test("an update that went wrong half-way leaves the old inputs, as the CLI does, and the next run makes it good", async () => {
  const calm = { kind: "update", ...CALM } as const;
  const d: Wish = { name: "d", size: 1, kind: 0, deleteFirst: false, needs: [] };
  const world = new World();
  await world.run({ ...calm, wishes: [d] });
  await world.run({ ...calm, wishes: [{ ...d, size: 0 }], fault: { what: "half made", call: 1 } });
  const [state] = world.snapshot.resources.slice(-1);
  expect(state).toMatchObject({ inputs: { size: 1 }, outputs: { size: 0 }, initErrors: ["sick"] });
  // By its inputs there would be nothing to do.
  await expectRecovery(world, [d]);
});
