import { TestStack } from "../support/test-stack";

describe("create, same, update, delete", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a first update creates everything, children and dependents after what they need", async () => {
    const { summary, steps, outputs } = await stack.up(`
      const group = new Group("group");
      const a = new Thing("a", { size: 1 }, { parent: group });
      const b = new Thing("b", { of: a.made }, { parent: group });
      export const made = b.of;
    `);
    expect(summary).toMatchObject({ failed: false, interrupted: false, counts: { create: 4 } });
    expect(steps).toEqual(["create proj-dev", "create group", "create a", "create b"]);
    expect(outputs).toEqual({ made: "a-1" });
    expect(stack.get("b")).toMatchObject({
      urn: "urn:pulumi:dev::proj::test:index:Group$fake:index:Thing::b",
      inputs: { of: "a-1" },
      dependencies: [stack.get("a").urn],
      propertyDependencies: { of: [stack.get("a").urn] },
      parent: stack.get("group").urn,
    });
    expect(stack.get("b").sourcePosition).toMatch(/^project:\/\/\/index\.ts#\d+,17$/);
    expect(stack.get("proj-dev").outputs).toEqual({ made: "a-1" });
    expect(stack.saves.at(-1)).toEqual(stack.snapshot);
  });

  test("an unchanged program changes and saves nothing", async () => {
    const { summary } = await stack.up();
    expect(summary.counts).toEqual({ same: 4 });
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.saves).toEqual([]);
  });

  test("a changed input updates, a missing resource is deleted", async () => {
    const { summary, events } = await stack.up(`
      const group = new Group("group");
      const a = new Thing("a", { size: 2 }, { parent: group });
    `);
    expect(summary.counts).toEqual({ same: 2, update: 1, delete: 1 });
    expect(stack.provider.mutations).toEqual(["update a", "delete b"]);
    expect(stack.names).toEqual(["group", "a"]);
    const update = events.flatMap((event) =>
      event.type === "step-start" && event.step.op === "update" ? [event.step] : [],
    );
    expect(update.map(({ changes }) => changes)).toEqual([[{ path: "size", kind: "update", before: 1, after: 2 }]]);
  });

  test("destroy deletes all, children before parents", async () => {
    const { summary } = await stack.run("destroy");
    expect(summary.counts).toEqual({ delete: 3 });
    expect(stack.snapshot.resources).toEqual([]);
  });
});
