import { TestStack } from "../support/test-stack";

describe("options", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("what is set on a component holds for its children; what is written to the state", async () => {
    await stack.up(`
      const group = new Group("group", { protect: true });
      new Thing("child", { a: 1 }, { parent: group, customTimeouts: { create: "1m30s", delete: "2h" } });
      new Thing("free", { a: 1, b: { c: 1, d: 1 } }, { parent: group, protect: false, ignoreChanges: ["b.c"], replaceOnChanges: ["b.d"] });
      const host = new Thing("host");
      new Thing("guest", {}, { deletedWith: host, retainOnDelete: false });
      new Thing("kept", {}, { retainOnDelete: true });
    `);
    expect(stack.get("child")).toMatchObject({ protect: true, customTimeouts: { create: 90, delete: 7200 } });
    expect(stack.get("free")).toMatchObject({ ignoreChanges: ["b.c"], replaceOnChanges: ["b.d"] });
    expect(stack.get("free").protect).toBeUndefined();
    expect(stack.get("guest").deletedWith).toBe(stack.get("host").urn);
    expect(stack.get("kept").retainOnDelete).toBe(true);
  });

  const rest = `
    const host = new Thing("host");
    new Thing("guest", {}, { deletedWith: host, retainOnDelete: false });
    new Thing("kept", {}, { retainOnDelete: true });
  `;

  test("ignoreChanges keeps the old value, replaceOnChanges replaces, a protected one is not replaced", async () => {
    const ignored = await stack.up(`
      const group = new Group("group", { protect: true });
      new Thing("child", { a: 1 }, { parent: group });
      new Thing("free", { a: 1, b: { c: 2, d: 1 } }, { parent: group, protect: false, ignoreChanges: ["b.c"] });
      ${rest}
    `);
    expect(ignored.summary.counts).toEqual({ same: 7 });
    expect(stack.get("free").inputs.b).toEqual({ c: 1, d: 1 });
    const replaced = await stack.up(`
      const group = new Group("group", { protect: true });
      new Thing("child", { a: 1 }, { parent: group });
      new Thing("free", { a: 1, b: { c: 1, d: 2 } }, { parent: group, protect: false, replaceOnChanges: ["b.d"] });
      ${rest}
    `);
    expect(replaced.summary.counts).toEqual({ same: 6, replace: 1 });
    stack.program = `
      const group = new Group("group", { protect: true });
      new Thing("child", { a: 1, replace: 1 }, { parent: group });
      new Thing("free", { a: 1, b: { c: 1, d: 2 } }, { parent: group, protect: false });
      ${rest}
    `;
    const refused = await stack.run("update");
    expect(refused.errors).toEqual([
      expect.stringContaining('unable to replace resource "urn:pulumi:dev::proj::test:index:Group$fake'),
    ]);
    expect(stack.provider.mutations).toEqual([]);
  });

  test("a protected one is not deleted, nor what it needs; retained ones and guests leave the state without a call", async () => {
    const gone = await stack.run("destroy");
    expect(gone.summary.failed).toBe(true);
    expect(gone.errors.map((message) => message.split("\n")[0])).toEqual([
      'resource "urn:pulumi:dev::proj::test:index:Group$fake:index:Thing::child" cannot be deleted',
    ]);
    expect([...stack.provider.mutations].sort()).toEqual(["delete free", "delete host"]);
    expect(stack.names).toEqual(["group", "child"]);
    await stack.up(`
      const group = new Group("group");
      new Thing("child", { a: 1 }, { parent: group });
    `);
    const destroyed = await stack.run("destroy");
    expect(destroyed.summary.failed).toBe(false);
    expect(stack.snapshot.resources).toEqual([]);
  });
});

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
