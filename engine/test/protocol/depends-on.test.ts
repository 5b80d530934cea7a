import { TestStack } from "../support/test-stack";

describe("dependsOn", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a resource, and a component with all that is in it, come first and go last", async () => {
    stack.provider.onCreate = async ({ name, inputs }) => {
      // Whatever is not waited for would overtake the one below.
      if (name === "deep") await new Promise((resolve) => setTimeout(resolve, 200));
      return { id: name, outputs: inputs };
    };
    const { summary } = await stack.up(`
      class Late extends pulumi.ComponentResource {
        constructor(name: string) {
          super("test:index:Group", name);
          const inner = new Group(name + "-inner", { parent: this });
          new Thing("deep", {}, { parent: inner });
        }
      }
      const first = new Thing("first");
      const group = new Late("group");
      new Thing("after", {}, { dependsOn: [group, first] });
    `);
    expect(summary.counts).toEqual({ create: 6 });
    expect(stack.provider.mutations.at(-1)).toBe("create after");
    const needed = ["first", "group", "deep"].map((name) => stack.get(name).urn);
    expect(stack.get("after").dependencies).toEqual(expect.arrayContaining([needed[0], needed[2]]));
    expect(stack.get("after").propertyDependencies ?? {}).toEqual({});
    await stack.run("destroy");
    expect(stack.provider.mutations[0]).toBe("delete after");
  });

  test("a component's own dependsOn holds back its children", async () => {
    stack.provider.onCreate = async ({ name, inputs }) => {
      if (name === "slow") await new Promise((resolve) => setTimeout(resolve, 200));
      return { id: name, outputs: inputs };
    };
    await stack.up(`
      const slow = new Thing("slow");
      const group = new Group("group", { dependsOn: slow });
      new Thing("child", {}, { parent: group });
    `);
    expect(stack.provider.mutations).toEqual(["create slow", "create child"]);
  });

  test("a dependency alone does not replace: its name is all that changes", async () => {
    await stack.up(
      `const a = new Thing("slow", { replace: 1, dbr: true }); new Thing("user", { size: 1 }, { dependsOn: a });`,
    );
    const { summary } = await stack.up(
      `const a = new Thing("slow", { replace: 2, dbr: true }); new Thing("user", { size: 1 }, { dependsOn: a });`,
    );
    expect(summary.counts).toEqual({ same: 2, replace: 1 });
    expect(stack.provider.mutations).toEqual(["delete slow", "create slow"]);
  });
});
