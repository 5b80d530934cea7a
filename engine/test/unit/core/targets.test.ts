import { Targets, withNeeds } from "../../../src/core/targets";
import type { ResourceState, Selection } from "../../../src/model";

const urn = (name: string): string => `urn:pulumi:s::p::a:b:C::${name}`;
const state = (name: string, needs: string[] = [], more: Partial<ResourceState> = {}): ResourceState => ({
  urn: urn(name),
  type: "a:b:C",
  custom: true,
  inputs: {},
  outputs: {},
  dependencies: needs.map(urn),
  ...more,
});
const names = (urns: Iterable<string>): string[] => [...urns].map((each) => each.split("::").pop() ?? "").sort();

/** `b` needs `a`, `c` needs `b`, `d` lies in the component `group`, `e` needs that. */
const STATES = [
  state("a"),
  state("b", ["a"]),
  state("c", ["b"]),
  state("group", [], { custom: false }),
  state("d", [], { parent: urn("group") }),
  state("e", ["group"]),
];
const select = (selection: Partial<Selection>): Targets => new Targets({ targets: [], ...selection });

test("targets name URNs, also by pattern", () => {
  const targets = select({ targets: [urn("n*"), "**::other"] });
  expect(targets.includes(state("nine"))).toBe(true);
  expect(targets.includes(state("x", [], { urn: "urn:pulumi:s::p::x:b:C::nine" }))).toBe(false);
  expect(targets.includes(state("x", [], { urn: "urn:pulumi:s::p::x:y:Z::other" }))).toBe(true);
  expect(targets.unknown(["urn:pulumi:s::p::x:y:Z::other"])).toEqual([urn("n*")]);
  expect(select({}).includes(state("anything"))).toBe(true);
});

test.each<[Partial<Selection>, string[], string[]]>([
  [{}, ["a", "b", "c", "d", "e", "group"], ["a", "b", "c", "d", "e", "group"]],
  [{ targets: [urn("a")] }, ["a"], ["a"]],
  [{ targets: [urn("a")], targetDependents: true }, ["a", "b", "c"], ["a", "b", "c"]],
  [{ targets: [urn("group")], targetDependents: true }, ["d", "e", "group"], ["d", "e", "group"]],
  [{ targetDependents: true }, ["a", "b", "c", "d", "e", "group"], ["a", "b", "c", "d", "e", "group"]],
  // What is excluded keeps what it needs from being deleted.
  [{ excludes: [urn("b")] }, ["a", "c", "d", "e", "group"], ["c", "d", "e", "group"]],
  [{ excludes: [urn("b")], excludeDependents: true }, ["a", "d", "e", "group"], ["d", "e", "group"]],
  [{ excludes: [urn("e")] }, ["a", "b", "c", "d", "group"], ["a", "b", "c"]],
  [{ targets: [urn("a")], excludes: [urn("a")] }, ["a"], ["a"]],
])("%j", (selection, included, deletable) => {
  const targets = select(selection);
  expect(names(STATES.filter((each) => targets.includes(each)).map((each) => each.urn))).toEqual(included);
  expect(names([...select(selection).toRefresh(STATES)].map((each) => each.urn))).toEqual(included);
  expect(names(select(selection).toDelete(STATES))).toEqual(deletable);
});

test("what uses a target's provider depends on it, but is not refreshed for that", () => {
  const provider = state("prov", [], { urn: "urn:pulumi:s::p::pulumi:providers:a::prov", id: "1" });
  const user = state("user", [], { provider: `${provider.urn}::1` });
  const selection = { targets: ["**::prov"], targetDependents: true };
  const targets = select(selection);
  expect([targets.includes(provider), targets.includes(user)]).toEqual([true, true]);
  expect(names([...select(selection).toRefresh([provider, user])].map((each) => each.urn))).toEqual(["prov"]);
  expect(names(select(selection).toDelete([provider, user]))).toEqual(["prov", "user"]);
});

test("whoever needs a component needs its children", () => {
  expect(names(withNeeds(new Set([urn("e")]), STATES))).toEqual(["d", "e", "group"]);
  expect(names(withNeeds(new Set([urn("d")]), STATES))).toEqual(["d", "group"]);
});
