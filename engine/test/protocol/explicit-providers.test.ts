import { SECRET, SIGNATURE } from "../../src/model";
import { UNKNOWN } from "../../src/provider";
import { TestStack } from "../support/test-stack";

const CLOUD = `class Cloud extends pulumi.ProviderResource {
  constructor(name: string, settings: Record<string, any> = {}, options?: pulumi.ResourceOptions) {
    super("fake", name, settings, options);
  }
}`;

describe("explicit providers", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  const up = (program: string): ReturnType<TestStack["up"]> => stack.up(CLOUD + program);
  const providerOf = (name: string): string | undefined => stack.get(name).provider?.split("::").at(-2);

  test("a resource, a component's children and a function go to the provider that they name", async () => {
    stack.provider.onInvoke = () => ({ ok: true });
    const { summary, errors } = await up(`
      const cloud = new Cloud("cloud", { region: "mars", token: pulumi.secret("hidden-token") });
      new Thing("direct", {}, { provider: cloud });
      const group = new Group("group", { providers: { fake: cloud } });
      new Thing("inherits", {}, { parent: group });
      new Thing("of-parent", {}, { parent: new Thing("parent", {}, { provider: cloud }) });
      new Thing("plain");
      export const answer = pulumi.runtime.invoke("fake:index:ask", {}, { provider: cloud });
    `);
    expect(errors).toEqual([]);
    expect(summary.counts).toEqual({ create: 7 });
    for (const name of ["direct", "inherits", "parent", "of-parent"]) expect(providerOf(name)).toBe("cloud");
    expect(providerOf("plain")).toBe("default");
    expect(stack.get("cloud").inputs).toEqual({
      region: "mars",
      token: { [SIGNATURE]: SECRET, value: "hidden-token" },
    });
    expect(stack.provider.configs).toContainEqual({ region: "mars", token: "hidden-token" });
    expect((await stack.run("update")).summary.counts).toEqual({ same: 7 });
  });

  const rest = `
    const group = new Group("group", { providers: { fake: cloud } });
    new Thing("inherits", {}, { parent: group });
    new Thing("of-parent", {}, { parent: new Thing("parent", {}, { provider: cloud }) });
  `;

  test("changed settings configure the provider anew, and touch no resource", async () => {
    stack.provider.configs = [];
    const { summary } = await up(`
      const cloud = new Cloud("cloud", { region: "venus" });
      new Thing("direct", { size: 2 }, { provider: cloud });
      new Thing("plain");
      ${rest}
    `);
    expect(summary.counts).toEqual({ same: 6, update: 1 });
    expect(stack.provider.mutations).toEqual(["update direct"]);
    expect(stack.provider.configs).toContainEqual({ region: "venus" });
    expect(stack.get("cloud").inputs).toEqual({ region: "venus" });
  });

  test("a resource moves between two providers of its package as it is", async () => {
    const { summary } = await up(`
      const cloud = new Cloud("cloud", { region: "venus" });
      new Thing("direct", { size: 2 });
      new Thing("plain", {}, { provider: cloud });
      ${rest}
    `);
    expect(summary.counts).toEqual({ same: 7 });
    expect([providerOf("direct"), providerOf("plain")]).toEqual(["default", "cloud"]);
    expect(stack.provider.mutations).toEqual([]);
  });

  test("settings that are unknown in the preview: it says so, and the update has them", async () => {
    stack.program = `${CLOUD}
      const maker = new Thing("maker");
      const cloud = new Cloud("cloud", { region: maker.made });
      new Thing("direct", { size: 3 }, { provider: cloud });
      new Thing("plain", {}, { provider: cloud });
      new Thing("new", {}, { provider: cloud });
      ${rest}
    `;
    const preview = await stack.run("preview");
    expect(preview.summary.failed).toBe(false);
    expect(JSON.stringify(preview.events)).toContain("inputs that are not known during preview");
    expect(JSON.stringify(stack.provider.configs)).not.toContain(UNKNOWN);
    const { summary } = await stack.run("update");
    expect(summary).toMatchObject({ failed: false, counts: { create: 2 } });
    expect(stack.get("cloud").inputs.region).toBe(stack.get("maker").id);
  });

  test("settings that a provider finds wrong fail the preview at the provider", async () => {
    stack.provider.onCheckConfig = (config) =>
      config.region === "pluto" ? [{ property: "region", reason: "pluto is no region" }] : [];
    stack.program = `${CLOUD} new Cloud("cloud", { region: "pluto" });`;
    const { errors, events } = await stack.run("preview");
    expect(errors).toEqual(["pulumi:providers:fake resource 'cloud' has a problem: region: pluto is no region"]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "diagnostic", urn: "urn:pulumi:dev::proj::pulumi:providers:fake::cloud" }),
    );
  });

  test("destroy goes by the settings that the state has, and takes the providers last", async () => {
    stack.provider.configs = [];
    const region = stack.get("maker").id;
    const { summary } = await stack.run("destroy");
    expect(summary.failed).toBe(false);
    expect(stack.snapshot.resources).toEqual([]);
    expect(stack.provider.configs).toContainEqual({ region });
  });
});
