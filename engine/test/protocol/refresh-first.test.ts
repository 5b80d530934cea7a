import { TestStack } from "../support/test-stack";

/** `up --refresh`, `preview --refresh` and `destroy --refresh`. */
describe("--refresh", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const program = `const a = new Thing("a", { size: 1 }); new Thing("b", { of: a.made });`;

  test("what was changed outside is put right, what is gone is made again", async () => {
    await stack.up(program);
    const { world, onDiff } = stack.provider;
    stack.provider.onDiff = (request) =>
      request.name === "a" && request.oldOutputs.size !== request.news.size
        ? { changes: "some", replaces: [], diffs: ["size"], deleteBeforeReplace: false }
        : onDiff(request);
    world.set(stack.get("a").id ?? "", { size: 7, made: stack.get("a").id ?? "" });
    world.delete(stack.get("b").id ?? "");
    const before = structuredClone(stack.snapshot);
    // Without it nothing is seen.
    expect((await stack.run("preview")).summary.counts).toEqual({ same: 3 });
    const preview = await stack.run("preview", { refresh: true });
    expect(preview.summary.counts).toEqual({ same: 1, update: 1, create: 1 });
    expect(stack.snapshot).toEqual(before);
    const { summary } = await stack.run("update", { refresh: true });
    expect(summary.counts).toEqual(preview.summary.counts);
    expect(stack.provider.mutations).toEqual(["update a", "create b"]);
    expect((await stack.run("update", { refresh: true })).summary.counts).toEqual({ same: 3 });
  });

  test("a resource that cannot be read ends the run before anything is changed", async () => {
    const { onRead } = stack.provider;
    stack.provider.onRead = () => {
      throw new Error("no connection");
    };
    stack.program = `new Thing("c");`;
    const { summary } = await stack.run("update", { refresh: true });
    expect(summary.failed).toBe(true);
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.names.sort()).toEqual(["a", "b"]);
    stack.provider.onRead = onRead;
  });

  test("only targets are read", async () => {
    stack.program = program;
    await stack.run("update", { refresh: true, targets: ["**::a"] });
    expect(stack.provider.calls.filter((call) => call.startsWith("read"))).toEqual(["read a"]);
  });

  test("a destroy does not trip over what is gone already", async () => {
    stack.provider.world.delete(stack.get("b").id ?? "");
    const { summary } = await stack.run("destroy", { refresh: true });
    expect(summary.failed).toBe(false);
    expect(stack.provider.mutations).toEqual(["delete a"]);
    expect(stack.snapshot.resources).toEqual([]);
  });
});
