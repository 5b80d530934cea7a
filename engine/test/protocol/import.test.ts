import { SECRET, SIGNATURE } from "../../src/model";
import { TestStack } from "../support/test-stack";

describe("the option import", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  beforeAll(() => {
    const { world } = stack.provider;
    world.set("there-1", { size: 1, password: "hidden-there" });
    world.set("there-2", { size: 2 });
    stack.provider.onRead = ({ id, inputs }) => {
      const outputs = world.get(id);
      return outputs ? { id, outputs, inputs: inputs ?? outputs } : { id: "", outputs: {} };
    };
  });

  test("takes over what exists, without a call that changes it; its secrets are marked at once", async () => {
    const { summary, steps } = await stack.up(`
      new Thing("a", { size: 1, password: pulumi.secret("hidden-there") }, { import: "there-1" });
    `);
    expect(summary).toMatchObject({ failed: false, counts: { create: 1, import: 1 } });
    expect(steps).toEqual(["create proj-dev", "import a", "same a"]);
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.get("a")).toMatchObject({ id: "there-1", importID: "there-1", inputs: { size: 1 } });
    const password = { [SIGNATURE]: SECRET, value: "hidden-there" };
    for (const { resources } of stack.saves) {
      const saved = resources.find(({ id }) => id === "there-1");
      if (saved) expect([saved.inputs.password, saved.outputs.password]).toEqual([password, password]);
    }
  });

  test("once it is in the state the option says nothing more; it may stay or go", async () => {
    const program = (option: string): string =>
      `new Thing("a", { size: 1, password: pulumi.secret("hidden-there") }, { ${option} });`;
    expect((await stack.up(program('import: "there-1"'))).summary.counts).toEqual({ same: 2 });
    expect((await stack.up(program(""))).summary.counts).toEqual({ same: 2 });
    expect((await stack.up(program(""))).summary.counts).toEqual({ same: 2 });
  });

  test("what differs is updated after the import, and another id replaces", async () => {
    const { summary, steps } = await stack.up(`new Thing("a", { size: 7 }, { import: "there-2" });`);
    expect(summary.counts).toEqual({ same: 1, import: 1, update: 1 });
    expect(steps).toEqual(["same proj-dev", "import a", "update a", "delete-replaced a"]);
    expect(stack.provider.mutations).toEqual(["update a", "delete a"]);
    expect(stack.names).toEqual(["a"]);
    expect(stack.get("a")).toMatchObject({ id: "there-2", inputs: { size: 7 } });
  });

  test("what is imported and would have to be replaced is left alone, in this run and in every one that still names its id", async () => {
    stack.provider.world.set("there-3", { size: 1, replace: 1 });
    const program = (replace: number, option: string): string => `
      new Thing("a", { size: 7 });
      new Thing("b", { size: 1, replace: ${replace} }, { ${option} });
    `;
    const names = 'import: "there-3"';
    stack.program = program(2, names);
    const previewed = await stack.run("preview");
    expect(previewed.summary.failed).toBe(false);
    const warnings = previewed.events.flatMap((event) =>
      event.type === "diagnostic" && event.severity === "warning" ? [event.message] : [],
    );
    expect(warnings.join()).toMatch(
      /previously-imported resources that still specify an ID may not be replaced.*: replace\)/,
    );
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors.join()).toContain("previously-imported resources that still specify an ID may not be replaced");
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.get("b").id).toBe("there-3");

    // It is in the state now; the same inputs are no better, those that it has are.
    expect((await stack.run("update")).summary.failed).toBe(true);
    expect(stack.provider.mutations).toEqual([]);
    expect((await stack.up(program(1, names))).summary.counts).toEqual({ same: 3 });
    // Delete-first, it is left alone too.
    stack.program = program(2, `${names}, deleteBeforeReplace: true`);
    expect((await stack.run("update")).summary.failed).toBe(true);
    expect(stack.provider.mutations).toEqual([]);
    // Without the option it is a resource like any other.
    await stack.up(program(2, ""));
    expect(stack.provider.mutations).toEqual(["create b", "delete b"]);
    expect(stack.provider.world.has("there-3")).toBe(false);
  });

  test("what is imported under a second name lives on as that when the first one goes", async () => {
    stack.provider.world.set("there-4", { size: 1 });
    await stack.up(`new Thing("first", { size: 1 }, { import: "there-4" });`);
    stack.program = `new Thing("second", { size: 1 }, { import: "there-4" });`;
    const { summary, events } = await stack.run("update");
    expect(summary.failed).toBe(false);
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.names).toEqual(["second"]);
    expect(stack.provider.world.has("there-4")).toBe(true);
    const said = events.flatMap((event) => (event.type === "diagnostic" ? [event.message] : []));
    expect(said.join()).toMatch(/not deleted: it was imported as urn:.*::second, and lives on as that/);
  });

  test("what is not there is named, in the preview already", async () => {
    stack.program = `new Thing("c", {}, { import: "nowhere" });`;
    for (const kind of ["preview", "update"] as const) {
      const { errors } = await stack.run(kind);
      expect(errors).toEqual(["resource 'nowhere' does not exist"]);
      expect(stack.provider.mutations).toEqual([]);
    }
  });
});
