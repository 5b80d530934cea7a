/** Runs after which a reference used to point at nothing, so that every command of the CLI refused the state. */
import { TestStack } from "../support/test-stack";

describe("a refresh that finds a parent gone", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const program = `
    const top = new Thing("top");
    const parent = new Thing("parent", {}, { parent: top });
    const child = new Thing("child", {}, { parent });
    new Thing("grandchild", {}, { parent: child });
  `;

  test("gives its children to the parent above; the next update makes it again, and they are its own as before", async () => {
    await stack.up(program);
    const urns = ["child", "grandchild"].map((name) => stack.get(name).urn);
    const { id: gone = "" } = stack.get("parent");
    stack.provider.world.delete(gone);
    const { summary } = await stack.run("refresh");
    expect(summary).toMatchObject({ failed: false, counts: { delete: 1 } });
    expect(stack.get("child").parent).toBe(stack.get("top").urn);
    expect(stack.get("grandchild").parent).toBe(stack.get("child").urn);

    const again = await stack.up(program);
    expect(again.summary.counts).toEqual({ create: 1, same: 4 });
    expect(stack.provider.mutations).toEqual(["create parent"]);
    expect(stack.get("child").parent).toBe(stack.get("parent").urn);
    expect(["child", "grandchild"].map((name) => stack.get(name).urn)).toEqual(urns);
  });

  test("of several generations, all but the last", async () => {
    for (const name of ["top", "parent", "child"]) stack.provider.world.delete(stack.get(name).id ?? "");
    expect((await stack.run("refresh")).summary.counts).toMatchObject({ delete: 3 });
    expect(stack.get("grandchild").parent).toContain("pulumi:pulumi:Stack");
    expect((await stack.up(program)).summary.counts).toEqual({ create: 3, same: 2 });
  });
});

describe("--target and what a target needs, whatever the need is called", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  beforeAll(() => stack.up(`new Thing("a", { size: 1 });`));

  test.each([
    ["deletedWith", `const b = new Thing("b"); new Thing("a", { size: 2 }, { deletedWith: b });`],
    ["dependsOn", `const b = new Thing("b"); new Thing("a", { size: 2 }, { dependsOn: b });`],
    ["parent", `const b = new Thing("b"); new Thing("c", { size: 2 }, { parent: b });`],
    ["an input", `const b = new Thing("b"); new Thing("a", { size: b.made });`],
  ])("%s: a new one that is no target is refused by name, in the preview already", async (_need, program) => {
    stack.program = program;
    const before = structuredClone(stack.snapshot);
    for (const kind of ["preview", "update"] as const) {
      const { errors } = await stack.run(kind, { targets: ["**::a", "**::c"] });
      expect(errors.join()).toMatch(/needs urn:.*::b, which does not exist and is not among the targets/);
      expect(stack.provider.mutations).toEqual([]);
    }
    expect(stack.snapshot).toEqual(before);
  });
});
