import type { CheckRequest } from "../../src/provider";
import { TestStack } from "../support/test-stack";

describe("replacement", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("create-first: the new one exists before the old one goes, and gets an automatic name of its own", async () => {
    let names = 0;
    stack.provider.onCheck = ({ olds, news }: CheckRequest) => ({
      inputs: { ...news, autoname: olds?.autoname ?? `auto-${++names}` },
      failures: [],
    });
    await stack.up(`
      const a = new Thing("a", { replace: 1 });
      new Thing("b", { of: a.id });
    `);
    const oldName = stack.get("a").inputs.autoname;
    const { summary, steps } = await stack.up(`
      const a = new Thing("a", { replace: 2 });
      new Thing("b", { of: a.id });
    `);
    expect(summary.counts).toEqual({ same: 1, replace: 1, update: 1 });
    expect(stack.provider.mutations).toEqual(["create a", "update b", "delete a"]);
    expect(steps).toEqual(["same proj-dev", "create-replacement a", "replace a", "update b", "delete-replaced a"]);
    expect(stack.get("a").inputs.autoname).not.toBe(oldName);
    expect(stack.names).toEqual(["a", "b"]);
    // While the old one was still there, the state said so.
    expect(stack.saves.some(({ resources }) => resources.filter(({ urn }) => urn.endsWith("::a")).length === 2)).toBe(
      true,
    );
  });

  test("a deletion that fails leaves the old one in the state, and the next update deletes it", async () => {
    stack.provider.onDelete = () => {
      throw new Error("still in use");
    };
    stack.program = `new Thing("a", { replace: 3 }); new Thing("b", { of: "x" });`;
    const failed = await stack.run("update");
    expect(failed.summary.failed).toBe(true);
    expect(failed.errors).toEqual(["still in use"]);
    expect(stack.names).toEqual(["a", "b", "a†"]);
    stack.provider.onDelete = () => undefined;
    const { summary } = await stack.up();
    expect(summary.counts).toEqual({ same: 3 });
    expect(stack.provider.mutations).toEqual(["delete a"]);
    expect(stack.names).toEqual(["a", "b"]);
  });
});

describe("delete before replace", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  const program = (replace: number): string => `
    const a = new Thing("a", { replace: ${replace}, dbr: true });
    const b = new Thing("b", { replace: a.made });
    const c = new Thing("c", { other: a.made });
    const d = new Thing("d", { replace: b.made });
    new Thing("unrelated", { replace: 1 });
  `;

  test("dependents that could not stay go first, in reverse order; those that are updated stay", async () => {
    await stack.up(program(1));
    const { summary, steps, events } = await stack.up(program(2));
    expect(stack.provider.mutations.slice(0, 4)).toEqual(["delete d", "delete b", "delete a", "create a"]);
    expect(stack.provider.mutations).toContain("create b");
    expect(stack.provider.mutations.at(-1)).toBe("create d");
    expect(summary.counts).toMatchObject({ replace: 3 });
    expect(stack.provider.mutations).not.toContain("delete c");
    expect(stack.provider.mutations).not.toContain("delete unrelated");
    expect(steps.indexOf("delete-replaced a")).toBeLessThan(steps.indexOf("create-replacement a"));
    expect([...stack.names].sort()).toEqual(["a", "b", "c", "d", "unrelated"]);
    const shown = events.flatMap((event) =>
      event.type === "step-done" && event.step.op === "create-replacement" && event.step.urn.endsWith("::d")
        ? event.step.changes.map(({ path, kind }) => `${kind} ${path}`)
        : [],
    );
    expect(shown).toEqual(["update replace"]);
    expect(stack.snapshot.resources.some(({ pendingReplacement }) => pendingReplacement)).toBe(false);
  });

  test("a creation that fails after the deletion is made up for by the next update, without deleting again", async () => {
    stack.provider.onCreate = ({ name }) => {
      throw new Error(`no room for ${name}`);
    };
    stack.program = program(3);
    const failed = await stack.run("update");
    expect(failed.summary.failed).toBe(true);
    expect(failed.errors).toEqual(["no room for a"]);
    expect(stack.provider.mutations).toEqual(["delete d", "delete b", "delete a", "create a"]);
    expect(stack.get("a").pendingReplacement).toBe(true);
    expect(stack.get("d").pendingReplacement).toBe(true);
    let made = 0;
    stack.provider.onCreate = ({ name, inputs }) => ({
      id: `${name}-again-${++made}`,
      outputs: { ...inputs, made: `again-${made}` },
    });
    const { summary } = await stack.up();
    expect(summary.failed).toBe(false);
    expect(stack.provider.mutations).toEqual(expect.arrayContaining(["create a", "create b", "update c", "create d"]));
    expect(stack.provider.mutations).toHaveLength(4);
    expect(stack.snapshot.resources.some(({ pendingReplacement }) => pendingReplacement)).toBe(false);
  });

  test("a dependent that the program drops in the same update is not made again", async () => {
    const { summary } = await stack.up(`
      const a = new Thing("a", { replace: 4, dbr: true });
      new Thing("c", { other: a.made }, { deleteBeforeReplace: true });
      new Thing("unrelated", { replace: 1 });
    `);
    expect(summary.failed).toBe(false);
    expect(stack.provider.mutations).toEqual(["delete d", "delete b", "delete a", "create a", "update c"]);
    expect([...stack.names].sort()).toEqual(["a", "c", "unrelated"]);
  });

  test("the option decides against the provider", async () => {
    await stack.up(`
      const a = new Thing("a", { replace: 5, dbr: true }, { deleteBeforeReplace: false });
      new Thing("c", { other: a.made });
      new Thing("unrelated", { replace: 2 }, { deleteBeforeReplace: true });
    `);
    const { mutations } = stack.provider;
    expect(mutations.indexOf("create a")).toBeLessThan(mutations.indexOf("delete a"));
    expect(mutations.indexOf("delete unrelated")).toBeLessThan(mutations.indexOf("create unrelated"));
  });

  test("a leftover goes before what it needs, while its namesake lives on; what needs the replaced one no longer is there afterwards", async () => {
    await stack.up(`
      const a = new Thing("a", { replace: 6, dbr: true });
      new Thing("c", { other: 1 });
      new Thing("was-dependent", { replace: a.made });
    `);
    const { id } = stack.get("c");
    stack.snapshot.resources.push({
      ...stack.get("c"),
      id: "c-leftover",
      delete: true,
      inputs: { replace: "x" },
      dependencies: [stack.get("a").urn],
      propertyDependencies: { replace: [stack.get("a").urn] },
    });
    await stack.up(`
      const a = new Thing("a", { replace: 7, dbr: true });
      new Thing("c", { other: 1 });
      new Thing("was-dependent", { replace: 1 });
    `);
    const { mutations } = stack.provider;
    expect(mutations.filter((call) => call.endsWith(" c"))).toEqual(["delete c"]);
    expect(mutations.indexOf("delete c")).toBeLessThan(mutations.indexOf("delete a"));
    expect(stack.get("c").id).toBe(id);
    expect([...stack.names].sort()).toEqual(["a", "c", "was-dependent"]);
    for (const name of stack.names) expect([...stack.provider.world.keys()]).toContain(stack.get(name).id);
  });
});
