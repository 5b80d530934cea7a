import { TestStack } from "../support/test-stack";

describe("deletedWith", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  const program = (host: string, guest = ""): string => `
    const host = new Thing("host", { ${host} });
    new Thing("guest", { ${guest} }, { deletedWith: host });
  `;

  test("a guest that goes alone is deleted", async () => {
    await stack.up(program("replace: 1"));
    expect(stack.get("guest").deletedWith).toBe(stack.get("host").urn);
    await stack.up(`new Thing("host", { replace: 1 });`);
    expect(stack.provider.mutations).toEqual(["delete guest"]);
  });

  test("a guest whose host goes too leaves the state without a call", async () => {
    await stack.up(program("replace: 1"));
    const { summary } = await stack.up("");
    expect(summary.counts).toEqual({ same: 1, delete: 2 });
    expect(stack.provider.mutations).toEqual(["delete host"]);
    expect(stack.names).toEqual([]);
    await stack.up(program("replace: 1"));
    expect((await stack.run("destroy")).summary.counts).toEqual({ delete: 3 });
    expect(stack.provider.mutations).toEqual(["delete host"]);
  });

  test.each([
    ["after", "", ["create host", "create guest", "delete host"]],
    ["before", "dbr: true, ", ["delete host", "create host", "create guest"]],
  ])("a host that is replaced, deleted %s, takes its guest along", async (_when, how, calls) => {
    await stack.up(program(`${how}replace: 1`));
    const { summary } = await stack.up(program(`${how}replace: 2`));
    expect(summary.counts).toEqual({ same: 1, replace: 2 });
    expect(stack.provider.mutations).toEqual(calls);
    expect(stack.names).toEqual(["host", "guest"]);
    expect((await stack.up()).summary.counts).toEqual({ same: 3 });
    await stack.run("destroy");
  });
});
