import { TestStack } from "../support/test-stack";

/** What a run is about, beyond `--target`. `b` needs `a`, `c` needs `b`. */
const chain = (size: number): string => `
  const a = new Thing("a", { size: ${size} });
  const b = new Thing("b", { size: ${size}, of: a.made });
  new Thing("c", { size: ${size}, of: b.made });
  new Thing("d", { size: ${size} });
`;

describe("--target-dependents", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  beforeAll(() => stack.up(chain(1)));
  beforeEach(() => (stack.options = { targets: ["**::b"], targetDependents: true }));

  test("what needs a target is updated with it, and what that needs is not", async () => {
    const { summary } = await stack.up(chain(2));
    expect(summary.counts).toEqual({ same: 3, update: 2 });
    expect(stack.provider.mutations).toEqual(["update b", "update c"]);
  });

  test("is refreshed with it", async () => {
    await stack.run("refresh");
    expect(stack.provider.calls.sort()).toEqual(["read b", "read c"]);
  });

  test("is deleted by an update, when the program has dropped it and still has the target", async () => {
    const { summary } = await stack.up(`const a = new Thing("a"); new Thing("b", { of: a.made });`);
    expect(summary).toMatchObject({ failed: false, counts: { update: 1, delete: 1 } });
    // `d` was dropped too, and is none of this run's business.
    expect([...stack.names].sort()).toEqual(["a", "b", "d"]);
  });

  test("is destroyed with it", async () => {
    stack.options = {};
    await stack.up(chain(1));
    stack.options = { targets: ["**::a"], targetDependents: true };
    const { summary } = await stack.run("destroy");
    expect(summary.counts).toEqual({ delete: 3 });
    expect(stack.provider.mutations).toEqual(["delete c", "delete b", "delete a"]);
    expect(stack.names).toEqual(["d"]);
  });

  test("what is made again for a target counts as one too, so what needs that is updated", async () => {
    const program = (replace: number, size: number): string => `
      const x = new Thing("x", { replace: ${replace}, dbr: true });
      const y = new Thing("y", { replace: x.made, size: ${size} });
      new Thing("z", { of: y.made, size: ${size} });
    `;
    stack.options = {};
    await stack.up(program(1, 1));
    stack.options = { targets: ["**::x"], targetDependents: true };
    const { summary } = await stack.up(program(2, 2));
    expect(summary.counts).toMatchObject({ replace: 2, update: 1 });
    expect(stack.get("z").inputs).toEqual({ of: stack.get("y").outputs.made, size: 2 });
  });
});

describe("--exclude", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  beforeAll(() => stack.up(chain(1)));

  test("all but what is excluded is updated", async () => {
    stack.options = { excludes: ["**::b"] };
    const { summary } = await stack.up(chain(2));
    expect(summary.counts).toEqual({ same: 2, update: 3 });
    expect(stack.get("b").inputs.size).toBe(1);
  });

  test("with --exclude-dependents what needs it is left alone too", async () => {
    stack.options = { excludes: ["**::b"], excludeDependents: true };
    const { summary } = await stack.up(chain(3));
    expect(summary.counts).toEqual({ same: 3, update: 2 });
    expect(["b", "c"].map((name) => stack.get(name).inputs.size)).toEqual([1, 2]);
    await stack.run("refresh");
    expect(stack.provider.calls.sort()).toEqual(["read a", "read d"]);
  });

  test("what is excluded is not deleted, nor is what it needs", async () => {
    stack.options = { excludes: ["**::b"] };
    stack.program = "";
    for (const kind of ["update", "destroy"] as const) {
      const { summary } = await stack.run(kind);
      expect(summary.failed).toBe(false);
      expect(stack.names).toEqual(["a", "b"]);
    }
    expect(stack.snapshot.resources.some(({ type }) => type === "pulumi:pulumi:Stack")).toBe(true);
  });

  test("something new that needs something new that is excluded is refused", async () => {
    stack.options = {};
    await stack.run("destroy");
    stack.options = { excludes: ["**::a"] };
    stack.program = chain(1);
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors.join()).toMatch(/::b needs urn:.*::a, which does not exist and is excluded/);
    expect(stack.names).not.toContain("b");
  });

  test("what excludes nothing is refused, for what it was to protect would go", async () => {
    stack.options = {};
    await stack.up(chain(1));
    stack.options = { excludes: ["**::bb"] };
    const { errors } = await stack.run("destroy");
    expect(errors.join()).toContain("no resource matches **::bb");
    expect(stack.provider.mutations).toEqual([]);
  });
});

describe("--replace", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("replaces what is as wanted, and what needs it is told", async () => {
    await stack.up(chain(1));
    stack.options = { replaces: ["**::b"] };
    const { summary } = await stack.up();
    expect(summary.counts).toEqual({ same: 3, update: 1, replace: 1 });
    expect(stack.provider.mutations).toEqual(["create b", "update c", "delete b"]);
    expect(stack.get("c").inputs.of).toBe(stack.get("b").outputs.made);
  });

  test("as --target-replace, of nothing else", async () => {
    stack.options = { targets: ["**::b"], replaces: ["**::b"] };
    const { summary } = await stack.up(chain(2));
    expect(summary.counts).toEqual({ same: 4, replace: 1 });
    expect(stack.get("b").inputs.size).toBe(2);
    expect(stack.get("c").inputs.size).toBe(1);
  });

  test("of what does not exist is refused before the program runs", async () => {
    stack.options = { replaces: ["urn:pulumi:dev::proj::fake:index:Thing::nobody"] };
    const { errors } = await stack.run("update");
    expect(errors).toEqual(["no resource matches urn:pulumi:dev::proj::fake:index:Thing::nobody"]);
    expect(stack.provider.calls).toEqual([]);
  });

  test("of what is protected is refused", async () => {
    stack.options = {};
    await stack.up(`new Thing("p", {}, { protect: true });`);
    stack.options = { replaces: ["**::p"] };
    const { errors } = await stack.run("update");
    expect(errors.join()).toContain("unable to replace resource");
    expect(stack.provider.mutations).toEqual([]);
  });
});

test("a target that needs what was deleted for a replacement that failed is refused, unless that is one too", async () => {
  const stack = new TestStack();
  const program = (replace: number): string => `
    const x = new Thing("x", { replace: ${replace}, dbr: true });
    new Thing("y", { size: ${replace}, of: x.made });
  `;
  await stack.up(program(1));
  const { onCreate } = stack.provider;
  stack.provider.onCreate = () => Promise.reject(new Error("no room"));
  stack.program = program(2);
  expect((await stack.run("update")).summary.failed).toBe(true);
  expect(stack.get("x").pendingReplacement).toBe(true);
  stack.provider.onCreate = onCreate;
  const { errors } = await stack.run("update", { targets: ["**::y"] });
  expect(errors.join()).toMatch(/::y needs urn:.*::x, which does not exist and is not among the targets/);
  expect(stack.provider.mutations).toEqual([]);
  expect(stack.get("x").pendingReplacement).toBe(true);
  const { summary } = await stack.run("update", { targets: ["**::x", "**::y"] });
  expect(summary).toMatchObject({ failed: false, counts: { replace: 1, update: 1 } });
  stack.dispose();
});
