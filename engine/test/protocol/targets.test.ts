import { TestStack } from "../support/test-stack";

/** `--target`; without the preview-then-update of `up()`, since a preview must be limited likewise. */
describe("--target", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  beforeAll(() =>
    stack.up(`
      new Thing("a", { size: 1 });
      const b = new Thing("b", { size: 1 });
      new Thing("c", { of: b.made });
    `),
  );
  afterEach(() => (stack.options = {}));

  test("only a target is updated; others stay as they are, and new ones are not made", async () => {
    stack.options = { targets: ["**::a"] };
    const { summary } = await stack.up(`new Thing("a", { size: 2 }); new Thing("b", { size: 2 }); new Thing("d");`);
    expect(summary.counts).toEqual({ same: 2, update: 1 });
    expect([...stack.names].sort()).toEqual(["a", "b", "c"]);
    expect(stack.get("b").inputs).toEqual({ size: 1 });
  });

  test("a target that the program makes for the first time is made, with the provider that it needs", async () => {
    stack.options = { targets: ["urn:pulumi:dev::proj::fake:index:Thing::d"] };
    const { summary } = await stack.up(`
      new Thing("a", { size: 3 });
      const b = new Thing("b", { size: 1 });
      new Thing("c", { of: b.made });
      new Thing("d", { of: b.made });
    `);
    expect(summary.counts).toEqual({ same: 4, create: 1 });
    expect(stack.provider.mutations).toEqual(["create d"]);
  });

  test("a target that needs something that is neither there nor a target is refused", async () => {
    stack.program = `const n = new Thing("new"); new Thing("e", { of: n.made });`;
    for (const kind of ["preview", "update"] as const) {
      const { errors } = await stack.run(kind, { targets: ["**::e"] });
      expect(errors.join()).toContain("which does not exist and is not among the targets");
      expect(stack.provider.mutations).toEqual([]);
    }
  });

  test("a replacement of a target leaves a dependent that is none alone", async () => {
    stack.options = { targets: ["**::b"] };
    const { summary } = await stack.up(`
      const b = new Thing("b", { size: 1, replace: 2 });
      new Thing("c", { of: b.made });
    `);
    expect(summary.counts.replace).toBe(1);
    expect(stack.provider.mutations).toEqual(["create b", "delete b"]);
  });

  test("destroy refuses to take away what others need, and takes targets alone", async () => {
    const refused = await stack.run("destroy", { targets: ["**::b"] });
    expect(refused.errors.join()).toContain("not among the targets");
    expect(stack.provider.mutations).toEqual([]);
    const destroyed = await stack.run("destroy", { targets: ["**::b", "**::c", "**::d"] });
    expect(destroyed.summary.counts).toEqual({ delete: 3 });
    expect(stack.names).toEqual(["a"]);
    expect((await stack.run("destroy", { targets: ["**::nobody"] })).errors.join()).toContain(
      "no resource matches **::nobody",
    );
  });

  test("a target that the program dropped stays while one that is no target needs it", async () => {
    await stack.up(`const used = new Thing("used"); new Thing("user", { size: 1, of: used.made });`);
    stack.program = `new Thing("user", { size: 1, of: "nothing" });`;
    const { errors } = await stack.run("update", { targets: ["**::used"] });
    expect(errors.join()).toContain("depends on one that is to be deleted, but is not among the targets");
    expect(stack.provider.mutations).toEqual([]);
    expect([...stack.names].sort()).toEqual(["used", "user"]);
    const gone = await stack.run("update", { targets: ["**::used", "**::user"] });
    expect(gone.summary.failed).toBe(false);
    expect(stack.provider.mutations).toEqual(["update user", "delete used"]);
  });

  test("refresh reads targets alone", async () => {
    await stack.run("refresh", { targets: ["**::user"] });
    expect(stack.provider.calls).toEqual(["read user"]);
  });
});

describe("--target of what is deleted before its replacement", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const program = (replace: number, size = 1): string => `
    const x = new Thing("x", { replace: ${replace}, dbr: true });
    const d = new Thing("d", { replace: x.made, size: ${size} });
    new Thing("e", { replace: d.made });
    new Thing("free", { size: ${size} });
  `;

  test("dependents that could not stay are made again with what the target has become, though they are no targets", async () => {
    await stack.up(program(1));
    stack.options = { targets: ["**::x"] };
    const { summary } = await stack.up(program(2, 2));
    expect(summary).toMatchObject({ failed: false, counts: { replace: 3 } });
    expect(stack.provider.mutations).toEqual(["delete e", "delete d", "delete x", "create x", "create d", "create e"]);
    for (const name of ["x", "d", "e"]) expect([...stack.provider.world.keys()]).toContain(stack.get(name).id);
    expect(stack.get("d").inputs.replace).toBe(stack.get("x").outputs.made);
    expect(stack.snapshot.resources.filter(({ pendingReplacement }) => pendingReplacement)).toEqual([]);
    expect(stack.get("free").inputs).toEqual({ size: 1 });
    stack.options = {};
    expect((await stack.up(program(2, 2))).summary.counts).toEqual({ same: 4, update: 1 });
  });

  test("one that the program has dropped goes with the next whole update", async () => {
    stack.options = { targets: ["**::x"] };
    stack.program = `const x = new Thing("x", { replace: 3, dbr: true }); new Thing("free", { size: 2 });`;
    expect((await stack.run("update")).summary.failed).toBe(false);
    expect(stack.get("d").pendingReplacement).toBe(true);
    stack.options = {};
    expect((await stack.run("update")).summary.failed).toBe(false);
    expect([...stack.names].sort()).toEqual(["free", "x"]);
    expect(stack.provider.world.size).toBe(2);
  });

  test("a target that names nothing fails an up and a preview too", async () => {
    for (const kind of ["update", "preview"] as const) {
      const { summary, errors } = await stack.run(kind, { targets: ["**::x", "**::xx"] });
      expect(summary.failed).toBe(true);
      expect(errors.join()).toContain("no resource matches **::xx");
    }
  });
});

test("a resource that is no target keeps its name, whatever the program calls it now", async () => {
  const stack = new TestStack();
  await stack.up(`
    const group = new Group("group");
    const x = new Thing("x", { size: 1 }, { parent: group });
    new Thing("y", { of: x.made });
  `);
  stack.program = `
    const group = new Group("renamed", { aliases: [{ name: "group" }] });
    const x = new Thing("x2", { size: 1 }, { parent: group, aliases: [{ name: "x" }] });
    new Thing("y", { of: x.made, size: 2 }, { dependsOn: group });
  `;
  const { summary, errors } = await stack.run("update", { targets: ["**::y"] });
  expect({ counts: summary.counts, errors }).toEqual({ counts: { same: 3, update: 1 }, errors: [] });
  expect(stack.names).toEqual(["group", "x", "y"]);
  expect(stack.get("x").parent).toBe(stack.get("group").urn);
  expect(stack.get("y").dependencies).toEqual([stack.get("x").urn]);
  // Without targets they are renamed.
  expect((await stack.run("update")).summary.counts).toEqual({ same: 4 });
  expect(stack.names).toEqual(["renamed", "x2", "y"]);
  stack.dispose();
});
