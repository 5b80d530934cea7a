import { TestStack } from "../support/test-stack";

describe("aliases", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a renamed component takes its children along; nothing is made anew", async () => {
    await stack.up(`
      const app = new Group("app");
      const db = new Thing("app-db", { size: 1 }, { parent: app });
      new Thing("user", { of: db.made });
      new Thing("loner");
    `);
    const { summary } = await stack.up(`
      const site = new Group("site", { aliases: [{ name: "app" }] });
      const db = new Thing("site-db", { size: 1 }, { parent: site });
      new Thing("user", { of: db.made });
      new Thing("lonely", {}, { parent: site, aliases: [{ name: "loner", parent: pulumi.rootStackResource }] });
    `);
    expect(summary.counts).toEqual({ same: 5 });
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.names.sort()).toEqual(["lonely", "site", "site-db", "user"]);
    expect(stack.get("site-db").parent).toBe(stack.get("site").urn);
    expect(stack.get("user").dependencies).toEqual([stack.get("site-db").urn]);
    expect((await stack.run("update")).summary.counts).toEqual({ same: 5 });
  });

  test("by URN, by type, without a parent, and together with a replacement", async () => {
    const { summary, errors } = await stack.up(`
      const site = new Group("site");
      const db = new Thing("data", { size: 1, replace: 2 }, {
        aliases: ["urn:pulumi:dev::proj::test:index:Group$fake:index:Thing::site-db"],
      });
      new Thing("user", { of: db.made }, { parent: site, aliases: [{ parent: undefined }] });
      class Other extends pulumi.CustomResource {
        constructor(name: string, options: any) { super("fake:index:Other", name, {}, options); }
      }
      new Other("lonely", { parent: site, aliases: [{ type: "fake:index:Thing" }] });
    `);
    expect(errors).toEqual([]);
    expect(summary.counts).toEqual({ same: 3, replace: 1, update: 1 });
    expect(stack.provider.mutations).toEqual(["create data", "update user", "delete site-db"]);
    expect(stack.get("lonely").type).toBe("fake:index:Other");
  });
});
