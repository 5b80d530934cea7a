/** What this engine does not have is refused by name, in the preview already, and nothing happens. */
import { TestStack } from "../support/test-stack";

const CLI = /use the Pulumi CLI|does not support|not supported|Pulumi CLI/i;

describe("refusals", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test.each([
    ["transforms of the engine's", `pulumi.runtime.registerResourceTransform(() => undefined);`, /transform/],
    ["transforms of one resource", `new Thing("a", {}, { transforms: [() => undefined] } as any);`, /transform/],
    ["transforms of functions", `pulumi.runtime.registerInvokeTransform(() => undefined);`, /transform/],
    [
      "hooks",
      `const hook = new pulumi.ResourceHook("hook", () => {}); new Thing("a", {}, { hooks: { beforeCreate: [hook] } });`,
      /hook/,
    ],
    [
      "the option replaceWith",
      `const group = new Group("group"); new Thing("b", {}, { replaceWith: [group] } as any);`,
      /replaceWith/i,
    ],
    [
      "remote components",
      `new (class extends pulumi.ComponentResource {
         constructor() { super("other:index:Remote", "r", {}, {}, true); }
       })();`,
      /remote component/,
    ],
    [
      "packages that it has no provider for",
      `new pulumi.CustomResource("aws:s3:Bucket", "b", {});`,
      /no provider for package 'aws'/,
    ],
    ["assets", `new Thing("a", { file: new pulumi.asset.StringAsset("x") });`, /asset/],
  ])("%s", async (_what, program, named) => {
    stack.program = program;
    for (const kind of ["preview", "update"] as const) {
      const { summary, errors } = await stack.run(kind);
      expect(summary.failed).toBe(true);
      expect(errors.join("\n")).toMatch(named);
      expect(errors.join("\n")).toMatch(CLI);
    }
    expect(stack.provider.mutations).toEqual([]);
    expect(stack.find("a") ?? stack.find("b")).toBeUndefined();
  });

  test("a transformation, which is the SDK's own, works", async () => {
    const { summary } = await stack.up(`
      pulumi.runtime.registerStackTransformation(({ props, opts }) => ({ props: { ...props, added: 1 }, opts }));
      new Thing("a", { size: 1 }, { transformations: [({ props, opts }) => ({ props: { ...props, size: 2 }, opts })] });
    `);
    expect(summary.failed).toBe(false);
    expect(stack.get("a").inputs).toMatchObject({ size: 2, added: 1 });
  });
});
