import { TestStack } from "../support/test-stack";

describe("a run that fails halfway", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const program = `
    const base = new Thing("base", { size: 1 });
    const bad = new Thing("bad", { of: base.made });
    new Thing("after", { of: bad.made });
  `;

  test("keeps what was made, and the next run makes the rest", async () => {
    await stack.up(`new Thing("old");`);
    const { onCreate } = stack.provider;
    stack.provider.onCreate = (request) => {
      if (request.name === "bad") throw new Error("quota exceeded");
      return onCreate(request);
    };
    stack.program = program;
    expect((await stack.run("preview")).summary.failed).toBe(false);
    const failed = await stack.run("update");
    expect(failed.summary).toMatchObject({ failed: true, counts: { create: 1 } });
    expect(failed.errors).toEqual(["quota exceeded"]);
    expect(stack.names.sort()).toEqual(["base", "old"]);
    stack.provider.onCreate = onCreate;
    const { summary } = await stack.up();
    expect(summary.counts).toEqual({ same: 2, create: 2, delete: 1 });
    expect(stack.provider.mutations).toEqual(["create bad", "create after", "delete old"]);
  });

  test("an update that fails keeps the old inputs, so that it is tried again", async () => {
    const { onUpdate } = stack.provider;
    stack.provider.onUpdate = () => {
      throw new Error("out of order");
    };
    stack.program = program.replace("size: 1", "size: 2");
    expect((await stack.run("update")).errors).toEqual(["out of order"]);
    expect(stack.get("base").inputs).toEqual({ size: 1 });
    stack.provider.onUpdate = onUpdate;
    expect((await stack.run("update")).summary.counts).toEqual({ same: 3, update: 1 });
  });

  test("one deletion that fails lets what is independent of it go, and is tried again", async () => {
    stack.provider.onDelete = ({ name }) => {
      if (name === "bad") throw new Error("still in use");
    };
    stack.program = `new Thing("next");`;
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors).toEqual(["still in use"]);
    // What it needs stays with it.
    expect(stack.names.sort()).toEqual(["bad", "base", "next"]);
    stack.provider.onDelete = () => undefined;
    await stack.up();
    expect(stack.provider.mutations).toEqual(["delete bad", "delete base"]);
  });
});
