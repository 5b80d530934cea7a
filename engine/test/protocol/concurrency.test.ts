import { TestStack } from "../support/test-stack";

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("many at once", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("independent resources are made and deleted side by side, within the limit, and share saves", async () => {
    stack.provider.onCreate = async ({ name, inputs }) => {
      await soon(50);
      return { id: name, outputs: inputs };
    };
    stack.provider.onDelete = () => soon(50);
    const program = "for (let i = 0; i < 60; i++) new Thing(`thing-${i}`);";
    stack.program = program;
    const { summary } = await stack.run("update", { parallel: 8 });
    expect(summary.counts).toEqual({ create: 61 });
    expect(stack.provider.mostRunning).toBe(8);
    expect(stack.saves.length).toBeLessThan(70);
    // At no time did more exist outside than the state knew of, made or in the making.
    expect(stack.saves.every(({ pendingOperations }) => pendingOperations.length <= 8)).toBe(true);
    stack.program = "";
    await stack.run("update");
    expect(stack.provider.mostRunning).toBe(16);
    expect(stack.names).toEqual([]);
  });

  test("--parallel 1 does one thing at a time, in the program's order", async () => {
    stack.provider.onCreate = async ({ name, inputs }) => {
      await soon(name === "thing-0" ? 50 : 1);
      return { id: name, outputs: inputs };
    };
    stack.program = "for (let i = 0; i < 5; i++) new Thing(`thing-${i}`);";
    await stack.run("update", { parallel: 1 });
    expect(stack.provider.mostRunning).toBe(1);
    expect(stack.provider.mutations).toEqual([0, 1, 2, 3, 4].map((i) => `create thing-${i}`));
    stack.program = "";
    await stack.run("update", { parallel: 1 });
    expect(stack.provider.mostRunning).toBe(1);
  });

  test("an interrupted run finishes what was under way, starts nothing new, and saves", async () => {
    const interrupt = new AbortController();
    stack.provider.onCreate = async ({ name, inputs }) => {
      interrupt.abort();
      await soon(300);
      return { id: name, outputs: inputs };
    };
    stack.program = `const a = new Thing("a"); new Thing("b", { of: a.id }); setInterval(() => undefined, 1000);`;
    const { summary } = await stack.run("update", { signal: interrupt.signal, parallel: 1 });
    expect(summary).toMatchObject({ interrupted: true, failed: true });
    expect(stack.provider.cancelled).toBe(true);
    expect(stack.provider.mutations).toEqual(["create a"]);
    expect(stack.names).toEqual(["a"]);
    expect(stack.saves.at(-1)).toEqual(stack.snapshot);
    expect(stack.snapshot.pendingOperations).toEqual([]);
  });
});
