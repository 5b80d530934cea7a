/** What has to be true of a {@link World}, whatever happened in it. */
import { foreignId, urnOfWish, type Ending, type Wish, type World } from "./crashing-world";

/** In which order, and how fast, things happen in the runs that must succeed. */
export const CALM = { fault: { what: "nothing" }, parallel: 4, chances: [1] } as const;

/** How many there are of each. */
function tally(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Whatever happened: all that exists is known, all that is known exists, and the state is in order. */
export function expectNothingLost(world: World): void {
  const { resources, pendingOperations } = world.snapshot;
  const known = new Set(resources.map(({ id }) => id));
  const creating = tally(
    pendingOperations.filter(({ type }) => type === "creating").map(({ resource }) => resource.urn),
  );
  const strays = [...world.things]
    .filter(([id, { attempt }]) => !known.has(id) && attempt !== "theirs" && !world.retained.has(id))
    .map(([, { urn }]) => urn);
  for (const [urn, count] of tally(strays)) {
    if (count > (creating.get(urn) ?? 0)) throw new Error(`lost: ${urn}`);
  }
  const deleting = new Set(
    pendingOperations.filter(({ type }) => type === "deleting").map(({ resource }) => resource.id),
  );
  for (const { urn, id = "", type, pendingReplacement } of resources) {
    const exists = world.things.has(id) || deleting.has(id) || pendingReplacement === true || world.vanished.has(id);
    if (type.startsWith("fake:") && !exists) throw new Error(`the state has ${urn} (${id}), which does not exist`);
  }
  if (world.crimes.length > 0) throw new Error(world.crimes.join("\n"));
  for (const id of [...world.foreigners.map(foreignId), ...world.intruders]) {
    if (!world.owned.has(id) && !world.things.has(id)) throw new Error(`${id} is gone, and was somebody else's`);
  }
}

/** Nothing goes because a program that failed did not ask for it. */
export function expectNoUnwantedDeletions({ unwanted }: Ending): void {
  if (unwanted.length > 0) throw new Error(`deleted ${unwanted.join()}`);
}

/** Jest's own comparisons are too slow for so many. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function expectWished(world: World, wanted: readonly Wish[]): void {
  const { resources, pendingOperations } = world.snapshot;
  const ids = new Map(resources.map(({ urn, id }) => [urn.split("::").pop() ?? "", id ?? ""]));
  const things = resources.filter(({ type }) => type.startsWith("fake:"));
  expectSame(things.map(({ urn }) => urn).sort(), wanted.map((wish) => urnOfWish(wish)).sort());
  for (const { name, needs, size, kind, deleteFirst } of wanted) {
    const from = needs.map((need) => ids.get(need));
    expectSame(world.things.get(ids.get(name) ?? "")?.inputs, { size, kind, deleteFirst, from });
  }
  // What stays open is only what no provider can find.
  const open = pendingOperations.map(({ type, resource }) => `${type} ${resource.type}`);
  expectSame(
    open.filter((operation) => operation !== "creating fake:index:Plain"),
    [],
  );
  const others = [...world.things].filter(([id, { attempt }]) => attempt === "theirs" || world.retained.has(id));
  if (world.things.size - others.length > wanted.length + open.length) throw new Error("there is more than was wanted");
}

/** One run in which nothing goes wrong makes what is wanted, and a second one finds nothing to do. */
export async function expectRecovery(world: World, wanted: readonly Wish[]): Promise<void> {
  const { summary, said } = await world.run({ kind: "update", wishes: wanted, ...CALM });
  if (!summary || summary.failed) throw new Error(said.join("\n"));
  expectNothingLost(world);
  expectWished(world, wanted);
  const again = await world.run({ kind: "update", wishes: wanted, ...CALM });
  expectSame(Object.keys(again.summary?.counts ?? {}), ["same"]);
}

/** What a person does when a state is to be torn down after all of that: no more protection, no more strangers, a look at what is there. */
export async function tidy(world: World): Promise<void> {
  world.withdraw();
  const { resources, pendingOperations } = world.snapshot;
  world.disk = JSON.stringify({
    pendingOperations,
    resources: resources.map((state) => ({ ...state, protect: false })),
  });
  if (world.vanished.size === 0) return;
  const { summary, said } = await world.run({ kind: "refresh", wishes: [], ...CALM });
  if (!summary || summary.failed) throw new Error(said.join("\n"));
  world.vanished.clear();
}
