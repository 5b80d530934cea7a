/** Options that nothing acts on at once, and numbers that JSON lacks: they used to vanish on the way into the state. */
import { TestStack } from "../support/test-stack";

describe("what a program says is in the state", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());
  const program = (secretOne: string): string => `
    new Thing("a", { shown: 1, hidden: { deep: ["${secretOne}"] }, nan: NaN, most: Infinity }, {
      hideDiffs: ["hidden.deep[0]"],
      customTimeouts: { read: "90s" },
      version: "1.2.0-beta.3",
      pluginDownloadURL: "https://plugins.example/x",
    });
  `;

  test("hideDiffs, customTimeouts.read, pluginDownloadURL, a prerelease's provider, NaN and infinity", async () => {
    await stack.up(program("one"));
    expect(stack.get("a")).toMatchObject({
      hideDiff: ["hidden.deep[0]"],
      customTimeouts: { read: 90 },
      inputs: { nan: NaN, most: Infinity },
    });
    const provider = stack.snapshot.resources.find(({ type }) => type === "pulumi:providers:fake");
    expect(provider).toMatchObject({
      urn: expect.stringMatching(/::default_1_2_0_beta_3_https_\/plugins\.example\/x$/) as string,
      inputs: { version: "1.2.0-beta.3", __internal: { pluginDownloadURL: "https://plugins.example/x" } },
    });
    expect((await stack.up(program("one"))).summary.counts).toEqual({ same: 2 });
  });

  test("a hidden change is told without what it is", async () => {
    const { events, summary } = await stack.up(program("two"));
    expect(summary.counts).toMatchObject({ update: 1 });
    const told = events.flatMap((event) =>
      event.type === "step-done" && event.step.op === "update" ? event.step.changes : [],
    );
    expect(told).toEqual([{ path: "hidden.deep[0]", kind: "update" }]);
  });

  test("what the CLI tainted is replaced, once", async () => {
    const { id } = stack.get("a");
    stack.get("a").taint = true;
    expect((await stack.up(program("two"))).summary.counts).toMatchObject({ replace: 1 });
    expect(stack.get("a").id).not.toBe(id);
    expect((await stack.up(program("two"))).summary.counts).toEqual({ same: 2 });
  });

  test("envVarMappings are refused by name", async () => {
    stack.program = `
      class P extends pulumi.ProviderResource { constructor(options: any) { super("fake", "p", {}, options); } }
      new P({ envVarMappings: { MINE: "THEIRS" } });
    `;
    const { errors } = await stack.run("preview");
    expect(errors.join()).toContain("does not support the option `envVarMappings`: use the Pulumi CLI");
  });
});
