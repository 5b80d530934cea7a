import { TestStack } from "../support/test-stack";

describe("retainOnDelete", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("what the program drops leaves the state, and lives on outside", async () => {
    await stack.up(`new Thing("kept", {}, { retainOnDelete: true }); new Thing("gone");`);
    expect(stack.get("kept").retainOnDelete).toBe(true);
    const { summary } = await stack.up("");
    expect(summary.counts).toEqual({ same: 1, delete: 2 });
    expect(stack.provider.mutations).toEqual(["delete gone"]);
    expect(stack.names).toEqual([]);
    expect([...stack.provider.world.keys()]).toEqual(["kept-1"]);
  });

  test("a replaced one is left behind, made before or after", async () => {
    const program = (replace: number): string => `
      new Thing("first", { replace: ${replace} }, { retainOnDelete: true });
      new Thing("later", { replace: ${replace} }, { retainOnDelete: true, deleteBeforeReplace: true });
    `;
    await stack.up(program(1));
    const before = [...stack.provider.world.keys()];
    const { summary } = await stack.up(program(2));
    expect(summary.counts).toEqual({ same: 1, replace: 2 });
    expect(stack.provider.mutations.sort()).toEqual(["create first", "create later"]);
    expect([...stack.provider.world.keys()]).toEqual(expect.arrayContaining(before));
    expect(stack.names.sort()).toEqual(["first", "later"]);
  });

  test("destroy goes by what the last update stored; the option can be taken back", async () => {
    await stack.up(`
      new Thing("first", { replace: 2 });
      new Thing("later", { replace: 2 }, { retainOnDelete: true });
    `);
    const { summary } = await stack.run("destroy");
    expect(summary).toMatchObject({ failed: false, counts: { delete: 3 } });
    expect(stack.provider.mutations).toEqual(["delete first"]);
  });
});
