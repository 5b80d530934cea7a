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
    const previewed = await stack.run("preview");
    expect(previewed.errors.map((text) => text.split("\n")[0])).toEqual([refusal]);
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors.map((text) => text.split("\n")[0])).toEqual([refusal, expect.stringMatching(/^nothing was deleted/)]);
    expect(errors[0]).toContain("pulumi state unprotect 'urn:pulumi:dev::proj::fake:index:Thing::kept'");
    expect(stack.names.sort()).toEqual(["base", "kept", "next"]);
  });

  test("destroy names all that are protected before it deletes anything; of targets only those count", async () => {
    await stack.up(`
      const base = new Thing("base", { replace: 1, dbr: true });
      new Thing("kept", { size: 2, replace: base.made }, { protect: true });
      new Thing("next", {}, { protect: true });
      new Thing("loose");
    `);
    const { summary, errors } = await stack.run("destroy");
    expect(summary.failed).toBe(true);
    expect(errors.join("\n")).toMatch(
      /::kept" cannot be deleted[^]*::next" cannot be deleted|::next" cannot[^]*::kept" cannot/,
    );
    expect(errors.at(-1)).toBe("nothing was deleted, since 2 of the resources that would be are protected");
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.names.sort()).toEqual(["base", "kept", "loose", "next"]);
    const dry = await stack.run("destroy", { dryRun: true });
    expect(dry.errors).toHaveLength(2);
    expect(dry.steps).toContain("delete loose");
  });

  test("unprotected and replaced in one update; then it may go", async () => {
    const { summary } = await stack.up(`
      const base = new Thing("base", { replace: 1, dbr: true });
      new Thing("kept", { size: 3, replace: "x" });
      new Thing("next");
    `);
    expect(summary).toMatchObject({ failed: false, counts: { replace: 1 } });
    const gone = await stack.up("");
    expect(gone.summary.counts).toEqual({ same: 1, delete: 3 });
  });
});
