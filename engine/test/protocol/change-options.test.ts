import { TestStack } from "../support/test-stack";

describe("ignoreChanges", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("what is ignored keeps its old value, at any depth; the rest is updated", async () => {
    await stack.up(
      `new Thing("a", { size: 1, b: { c: 1, d: 1 }, list: [{ x: 1 }, { x: 1 }] }, { ignoreChanges: ["size"] });`,
    );
    expect(stack.get("a").ignoreChanges).toEqual(["size"]);
    const { summary } = await stack.up(`
      new Thing("a", { size: 2, b: { c: 2, d: 2 }, list: [{ x: 2 }, { x: 2 }] }, { ignoreChanges: ["size", "b.c", "list[*].x"] });
    `);
    expect(summary.counts).toEqual({ same: 1, update: 1 });
    expect(stack.get("a").inputs).toEqual({ size: 1, b: { c: 1, d: 2 }, list: [{ x: 1 }, { x: 1 }] });
  });

  test("nothing but ignored changes is no change; '*' ignores them all, also those that would replace", async () => {
    expect(
      (
        await stack.up(
          `new Thing("a", { size: 9, b: { c: 1, d: 2 }, list: [{ x: 1 }, { x: 1 }], replace: 1 }, { ignoreChanges: ["*"] });`,
        )
      ).summary.counts,
    ).toEqual({ same: 2 });
    expect(stack.get("a").inputs.replace).toBeUndefined();
  });

  test("an ignored element that is new has no old value: it says so and takes the new one", async () => {
    const { events, summary } = await stack.up(`
      new Thing("a", { size: 1, b: { c: 1, d: 2 }, list: [{ x: 1 }, { x: 1 }, { x: 3 }] }, { ignoreChanges: ["list[2].x"] });
    `);
    expect(summary.counts).toEqual({ same: 1, update: 1 });
    expect(stack.get("a").inputs.list).toEqual([{ x: 1 }, { x: 1 }, { x: 3 }]);
    const notes = events.flatMap((event) => (event.type === "diagnostic" ? [event.message] : []));
    expect(notes.join()).toContain('cannot ignore changes in added or removed elements of the path: "list[2].x"');
  });
});

describe("replaceOnChanges", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a change of a named property replaces, any other updates, '*' means every one", async () => {
    const program = (b: string, option: string): string =>
      `new Thing("a", { b: ${b} }, { replaceOnChanges: ${option} });`;
    await stack.up(program("{ c: 1, d: 1 }", '["b.d"]'));
    expect((await stack.up(program("{ c: 2, d: 1 }", '["b.d"]'))).summary.counts).toEqual({ same: 1, update: 1 });
    expect((await stack.up(program("{ c: 2, d: 2 }", '["b.d"]'))).summary.counts).toEqual({ same: 1, replace: 1 });
    expect((await stack.up(program("{ c: 3, d: 2 }", '["*"]'))).summary.counts).toEqual({ same: 1, replace: 1 });
    expect((await stack.up(program("{ c: 3, d: 2 }", '["*"]'))).summary.counts).toEqual({ same: 2 });
    expect(stack.get("a").replaceOnChanges).toEqual(["*"]);
  });

  test("what is both ignored and named does not replace", async () => {
    const both = `{ replaceOnChanges: ["b"], ignoreChanges: ["b.c"] }`;
    expect((await stack.up(`new Thing("a", { b: { c: 9, d: 2 } }, ${both});`)).summary.counts).toEqual({ same: 2 });
  });
});

describe("deleteBeforeReplace", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test.each([
    ["true", "", ["delete a", "create a"]],
    ["false", "dbr: true, ", ["create a", "delete a"]],
  ])("%s decides against the provider", async (option, provider, calls) => {
    const program = (replace: number): string =>
      `new Thing("a", { ${provider}replace: ${replace} }, { deleteBeforeReplace: ${option} });`;
    await stack.up(program(1));
    const { summary } = await stack.up(program(2));
    expect(summary.counts).toEqual({ same: 1, replace: 1 });
    expect(stack.provider.mutations).toEqual(calls);
    await stack.run("destroy");
  });
});
