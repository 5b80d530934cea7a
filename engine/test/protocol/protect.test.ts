import { TestStack } from "../support/test-stack";

describe("protect", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  const program = (kept: string): string => `new Thing("other"); ${kept}`;
  const refusal = 'resource "urn:pulumi:dev::proj::fake:index:Thing::kept" cannot be deleted';

  test("a protected resource is updated like any other", async () => {
    await stack.up(program(`new Thing("kept", { size: 1 }, { protect: true });`));
    expect(stack.get("kept").protect).toBe(true);
    const { summary } = await stack.up(program(`new Thing("kept", { size: 2 }, { protect: true });`));
    expect(summary.counts).toEqual({ same: 2, update: 1 });
  });

  test("it is not replaced: the preview says so, and the update changes nothing", async () => {
    stack.program = program(`new Thing("kept", { size: 2, replace: 1 }, { protect: true });`);
    for (const kind of ["preview", "update"] as const) {
      const { summary, errors } = await stack.run(kind);
      expect(summary.failed).toBe(true);
      expect(errors).toEqual([expect.stringContaining('unable to replace resource "urn:pulumi:dev::proj::fake')]);
      expect(stack.provider.mutations).toEqual([]);
    }
  });

  test("a protected dependent keeps what it stands on from being deleted before its replacement", async () => {
    const pair = (size: number): string => `
      const base = new Thing("base", { replace: ${size}, dbr: true });
      new Thing("kept", { size: 2, replace: base.made }, { protect: true });
    `;
    await stack.run("destroy", { targets: ["**::other"] });
    stack.program = `new Thing("kept", { size: 2 });`;
    await stack.run("update");
    await stack.run("destroy");
    await stack.up(pair(1));
    stack.program = pair(2);
    for (const kind of ["preview", "update"] as const) {
      const { errors } = await stack.run(kind);
      expect(errors).toEqual([
        expect.stringMatching(/unable to replace resource ".*::kept" as part of replacing ".*::base"/),
      ]);
      expect(stack.provider.mutations).toEqual([]);
    }
  });

  test("it is not deleted, neither when the program drops it nor by destroy, and what it needs stays", async () => {
    stack.program = `new Thing("next");`;
    for (const kind of ["preview", "update"] as const) {
      const { summary, errors } = await stack.run(kind);
      expect(summary.failed).toBe(true);
      expect(errors.map((text) => text.split("\n")[0])).toEqual([refusal]);
    }
    expect(stack.names.sort()).toEqual(["base", "kept", "next"]);
    const destroyed = await stack.run("destroy");
    expect(destroyed.summary.failed).toBe(true);
    expect(stack.names).toEqual(["base", "kept"]);
    expect(stack.provider.mutations).toEqual(["delete next"]);
  });

  test("unprotected and replaced in one update; then it may go", async () => {
    const { summary } = await stack.up(`
      const base = new Thing("base", { replace: 1, dbr: true });
      new Thing("kept", { size: 3, replace: "x" });
    `);
    expect(summary.counts).toEqual({ same: 2, replace: 1 });
    const gone = await stack.up("");
    expect(gone.summary.counts).toEqual({ same: 1, delete: 2 });
  });
});
