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
      expect(errors.join()).toContain("which does not exist yet and is not among the targets");
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
      "no resource matches the target **::nobody",
    );
  });

  test("refresh reads targets alone", async () => {
    await stack.run("refresh", { targets: ["**::a"] });
    expect(stack.provider.calls).toEqual(["read a"]);
  });

  test("a target that names nothing fails an up and a preview too", async () => {
    for (const kind of ["update", "preview"] as const) {
      const { summary, errors } = await stack.run(kind, { targets: ["**::a", "**::aa"] });
      expect(summary.failed).toBe(true);
      expect(errors.join()).toContain("no resource matches the target **::aa");
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
