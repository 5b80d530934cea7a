import { TestStack } from "../support/test-stack";

describe("options that a component hands down", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("protect, retainOnDelete and deletedWith hold for children and theirs, unless they say otherwise", async () => {
    const { summary } = await stack.up(`
      const host = new Thing("host");
      const outer = new Group("outer", { protect: true, retainOnDelete: true, deletedWith: host });
      const inner = new Group("inner", { parent: outer });
      new Thing("child", {}, { parent: inner });
      new Thing("free", {}, { parent: inner, protect: false, retainOnDelete: false });
      new Thing("outside");
    `);
    expect(summary.counts).toEqual({ create: 7 });
    const given = { protect: true, retainOnDelete: true, deletedWith: stack.get("host").urn };
    for (const name of ["outer", "inner", "child"]) expect(stack.get(name)).toMatchObject(given);
    expect(stack.get("free")).toMatchObject({ deletedWith: given.deletedWith });
    for (const name of ["free", "outside"]) {
      expect(stack.get(name).protect).toBeUndefined();
      expect(stack.get(name).retainOnDelete).toBeUndefined();
    }
    expect(stack.get("outside").deletedWith).toBeUndefined();
  });

  test("what the component stops saying holds no longer, and changes nothing else", async () => {
    const { summary } = await stack.up(`
      const host = new Thing("host");
      const outer = new Group("outer");
      const inner = new Group("inner", { parent: outer });
      new Thing("child", {}, { parent: inner });
      new Thing("free", {}, { parent: inner });
      new Thing("outside");
    `);
    expect(summary.counts).toEqual({ same: 7 });
    expect(stack.snapshot.resources.some((state) => state.protect ?? state.retainOnDelete ?? state.deletedWith)).toBe(
      false,
    );
    expect((await stack.run("destroy")).summary.failed).toBe(false);
  });

  test("neither dependsOn nor timeouts nor ignoreChanges are handed down", async () => {
    await stack.up(`
      const first = new Thing("first");
      const group = new Group("group", { dependsOn: [first], ignoreChanges: ["size"], customTimeouts: { create: "1m" } } as any);
      new Thing("child", { size: 1 }, { parent: group });
    `);
    expect(stack.get("group").dependencies).toEqual([stack.get("first").urn]);
    const { dependencies, ignoreChanges, customTimeouts } = stack.get("child");
    expect({ dependencies, ignoreChanges, customTimeouts }).toEqual({});
  });
});
