import { SECRET, SIGNATURE, type ResourceState } from "../../src/model";
import type { Json, JsonObject } from "../../src/provider";
import { TestStack } from "../support/test-stack";

const secret = (value: Json): JsonObject => ({ [SIGNATURE]: SECRET, value });

describe("functions that ask about the deployment", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("getResource gives a resource of this run, with its secrets", async () => {
    const { outputs, errors } = await stack.up(`
      const a = new Thing("a", { size: 1, hidden: pulumi.secret("hidden-input") });
      export const found = pulumi.runtime.invokeOutput("pulumi:pulumi:getResource", { urn: a.urn });
    `);
    expect(errors).toEqual([]);
    expect(outputs.found).toEqual(
      secret({
        urn: stack.get("a").urn,
        id: "a-1",
        provider: stack.get("a").provider ?? "",
        state: { size: 1, hidden: "hidden-input", made: "a-1" },
      }),
    );
    stack.program = `pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn: "urn:pulumi:dev::proj::x:y:Z::none" });`;
    expect((await stack.run("preview")).errors.join()).toContain("unknown resource");
  });

  test("readStackResourceOutputs gives every live resource of a stack, with type, outputs and secrets", async () => {
    const urn = "urn:pulumi:prod::other::fake:index:Thing::x";
    const there: ResourceState = { urn, type: "fake:index:Thing", custom: true, inputs: {}, outputs: { a: 0 } };
    const resources: ResourceState[] = [
      { ...there, outputs: { a: 1, b: secret("hidden-there") } },
      { ...there, delete: true },
    ];
    stack.options = {
      readStackResources: (name) => Promise.resolve(name === "organization/other/prod" ? resources : undefined),
    };
    const { outputs, errors } = await stack.up(`
      export const all = pulumi.runtime.invokeOutput(
        "pulumi:pulumi:readStackResourceOutputs", { stackName: "organization/other/prod" });
    `);
    expect(errors).toEqual([]);
    expect(outputs.all).toEqual(
      secret({
        name: "organization/other/prod",
        outputs: { [urn]: { type: "fake:index:Thing", outputs: { a: 1, b: "hidden-there" } } },
      }),
    );
    stack.program = `pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: "organization/other/none" });`;
    expect((await stack.run("preview")).errors.join()).toContain('unknown stack "organization/other/none"');
  });

  test("a function that does not exist is named", async () => {
    stack.program = `pulumi.runtime.invoke("pulumi:pulumi:guess", {});`;
    expect((await stack.run("preview")).errors.join()).toContain("unrecognized function name: 'pulumi:pulumi:guess'");
  });
});
