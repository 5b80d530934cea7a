import { TestStack } from "../support/test-stack";

/** `b` needs `a`, `c` needs `b`, `d` needs none. */
const chain = (size: number, more = ""): string => `
  const a = new Thing("a", { size: ${size} });
  const b = new Thing("b", { size: ${size}, of: a.made });
  const c = new Thing("c", { size: ${size}, of: b.made });
  new Thing("d", { size: ${size} });
  ${more}
`;

describe("--continue-on-error", () => {
  let stack: TestStack;
  beforeEach(() => {
    stack = new TestStack();
    stack.options = { continueOnError: true };
  });
  afterEach(() => stack.dispose());

  test("what does not need the failed one is made, and what needs it is left alone; the next run makes it", async () => {
    const { onCreate } = stack.provider;
    stack.provider.onCreate = (request) =>
      request.name === "b" ? Promise.reject(new Error("no b today")) : onCreate(request);
    stack.program = chain(
      1,
      `export const made = c.made; const free = new Thing("free", { size: 1 }, { dependsOn: a });`,
    );
    const { summary, errors, outputs } = await stack.run("update");
    expect(summary).toMatchObject({ failed: true, counts: { create: 4 } });
    expect(errors).toEqual(["no b today"]);
    expect([...stack.names].sort()).toEqual(["a", "d", "free"]);
    expect(outputs.made).toBeUndefined();
    stack.provider.onCreate = onCreate;
    const again = await stack.run("update");
    expect(again.summary).toMatchObject({ failed: false, counts: { same: 4, create: 2 } });
    expect(again.outputs.made).toBe(stack.get("c").outputs.made);
  });

  test("without it the run ends there", async () => {
    stack.options = {};
    await stack.up(chain(1));
    stack.provider.onUpdate = () => Promise.reject(new Error("no update"));
    stack.program = `const a = new Thing("a", { size: 2 }); new Thing("after", {}, { dependsOn: a });`;
    const { summary } = await stack.run("update");
    expect(summary).toMatchObject({ failed: true });
    expect([...stack.names].sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("what the program dropped is deleted, but for what the failed one, and what was left alone with it, still need", async () => {
    await stack.up(`
      const x = new Thing("x");
      const y = new Thing("y", { of: x.made });
      const w = new Thing("w");
      new Thing("z", { of: y.made, other: w.made });
      new Thing("gone");
    `);
    stack.provider.onUpdate = () => Promise.reject(new Error("no update"));
    stack.program = `const y = new Thing("y", { of: "none" }); new Thing("z", { of: y.made });`;
    const { summary, steps } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(steps).toContain("delete gone");
    expect([...stack.names].sort()).toEqual(["w", "x", "y", "z"]);
    expect(stack.provider.mutations).toEqual(["update y", "delete gone"]);
  });

  test("a replaced one stays while something that failed was made with it", async () => {
    await stack.up(chain(1));
    const replaced = `const a = new Thing("a", { size: 1, replace: 2 }); new Thing("b", { size: 1, of: a.made }); new Thing("d", { size: 2 });`;
    stack.provider.onUpdate = ({ name, news, id }) =>
      name === "b" ? Promise.reject(new Error("no b")) : Promise.resolve({ ...news, made: id });
    stack.program = replaced;
    expect((await stack.run("update")).summary.failed).toBe(true);
    // The replaced one stays: `b`, as it is, was made with it.
    expect([...stack.names].sort()).toEqual(["a", "a†", "b", "d"]);
    expect(stack.get("d").inputs.size).toBe(2);
  });

  test("a destroy deletes all but what failed, and what that needs", async () => {
    await stack.up(chain(1));
    const { onDelete } = stack.provider;
    stack.provider.onDelete = (request) =>
      request.name === "b" ? Promise.reject(new Error("b is busy")) : onDelete(request);
    const { summary, errors } = await stack.run("destroy");
    expect(summary).toMatchObject({ failed: true, counts: { delete: 2 } });
    expect(errors).toEqual(["b is busy"]);
    expect(stack.names).toEqual(["a", "b"]);
  });

  test("inputs that are wrong, and a program that fails, end the run all the same", async () => {
    await stack.up(chain(1));
    const { onCheck } = stack.provider;
    stack.provider.onCheck = (request) =>
      request.name === "a"
        ? { inputs: request.news, failures: [{ property: "size", reason: "too large" }] }
        : onCheck(request);
    stack.program = `new Thing("a", { size: 9 });`;
    expect((await stack.run("update")).summary.failed).toBe(true);
    stack.provider.onCheck = onCheck;
    stack.program = `new Thing("a", { size: 2 }); throw new Error("a bug");`;
    expect((await stack.run("update")).summary.failed).toBe(true);
    expect([...stack.names].sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("what makes room and cannot be deleted holds up what waits for it, and nothing else", async () => {
    const program = (replace: number): string => `
      const x = new Thing("x", { replace: ${replace}, dbr: true });
      new Thing("y", { replace: x.made });
      new Thing("d", { size: ${replace} });
    `;
    await stack.up(program(1));
    const { onDelete } = stack.provider;
    stack.provider.onDelete = (request) =>
      request.name === "y" ? Promise.reject(new Error("y is busy")) : onDelete(request);
    stack.program = program(2);
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors).toEqual(["y is busy"]);
    expect([...stack.names].sort()).toEqual(["d", "x", "y"]);
    expect(stack.get("d").inputs.size).toBe(2);
    expect(stack.snapshot.resources.filter(({ pendingReplacement }) => pendingReplacement)).toEqual([]);
    stack.provider.onDelete = onDelete;
    expect((await stack.run("update")).summary).toMatchObject({ failed: false, counts: { replace: 2 } });
  });

  test("what was to go with something that could not be deleted is deleted by itself", async () => {
    await stack.up(`
      const x = new Thing("x", { replace: 1, dbr: true });
      new Thing("y", { replace: x.made });
      new Thing("with", {}, { deletedWith: x });
    `);
    stack.provider.onDelete = (request) => {
      if (request.name === "y") throw new Error("y is busy");
    };
    stack.program = `const x = new Thing("x", { replace: 2, dbr: true }); new Thing("y", { replace: x.made });`;
    expect((await stack.run("update")).errors).toEqual(["y is busy"]);
    expect(stack.provider.mutations).toEqual(["delete y", "delete with"]);
    expect([...stack.names].sort()).toEqual(["x", "y"]);
  });
});
