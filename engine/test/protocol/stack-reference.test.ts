import { SECRET, SIGNATURE } from "../../src/model";
import type { JsonObject } from "../../src/provider";
import { TestStack } from "../support/test-stack";

const secret = (value: string): JsonObject => ({ [SIGNATURE]: SECRET, value });

describe("StackReference", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const other: JsonObject = { url: "http://one", key: secret("key-of-other") };

  beforeAll(() => {
    stack.options = {
      readStackOutputs: (name) =>
        Promise.resolve(
          name === "organization/other/prod"
            ? other
            : name === "organization/proj/dev"
              ? stack.find("proj-dev")?.outputs
              : undefined,
        ),
    };
  });

  const program = `
    const other = new pulumi.StackReference("organization/other/prod");
    export const url = other.getOutput("url");
    export const key = other.getOutput("key");
    export const missing = other.getOutput("missing");
    new Thing("user", { url: other.requireOutput("url"), key: other.getOutput("key") });
  `;

  test("the outputs of another stack are known in a preview, and secret where they are there", async () => {
    stack.program = program;
    const preview = await stack.run("preview");
    expect(preview.outputs).toEqual({ url: "http://one", key: secret("key-of-other") });
    const { summary } = await stack.up(program);
    expect(summary.counts).toEqual({ create: 2, read: 1 });
    expect(stack.get("user").inputs).toEqual({ url: "http://one", key: secret("key-of-other") });
    expect(stack.get("organization/other/prod")).toMatchObject({
      external: true,
      outputs: { name: "organization/other/prod", outputs: other, secretOutputNames: ["key"] },
    });
  });

  test("what changes there is seen by the next run, and no change is none", async () => {
    expect((await stack.up()).summary.counts).toEqual({ same: 2, read: 1 });
    other.url = "http://two";
    expect((await stack.up()).summary.counts).toEqual({ same: 1, update: 1, read: 1 });
    expect(stack.get("user").inputs.url).toBe("http://two");
  });

  test("a stack reads what it said itself after its last update", async () => {
    const counter = `
      const self = new pulumi.StackReference("self", { name: pulumi.getOrganization() + "/" + pulumi.getProject() + "/" + pulumi.getStack() });
      export const runs = self.getOutput("runs").apply((n: number | undefined) => (n ?? 0) + 1);
    `;
    for (const runs of [1, 2, 3]) {
      stack.program = counter;
      const preview = await stack.run("preview");
      expect(preview.outputs).toEqual({ runs });
      expect((await stack.run("update")).outputs).toEqual({ runs });
    }
  });

  test("one that is required and not there, and a stack that is not there, fail the preview", async () => {
    stack.program = `export const x = new pulumi.StackReference("organization/other/prod").requireOutput("nothing");`;
    expect((await stack.run("preview")).errors.join()).toContain("Required output 'nothing' does not exist");
    stack.program = `new pulumi.StackReference("organization/other/test");`;
    expect((await stack.run("preview")).errors.join()).toContain('unknown stack "organization/other/test"');
    expect(stack.names).toEqual([]);
  });

  test("it leaves the state without a deletion", async () => {
    await stack.up("");
    expect(stack.snapshot.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  });
});
