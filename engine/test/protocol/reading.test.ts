import { SECRET, SIGNATURE } from "../../src/model";
import { ResourceInitError } from "../../src/provider";
import { TestStack } from "../support/test-stack";

describe("reading", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("stack references, existing resources, functions, and the providers' settings", async () => {
    stack.options = {
      config: { "fake:region": "moon", "fake:token": "token-of-the-moon", "proj:other": "x" },
      secretConfigKeys: ["fake:token"],
      readStackOutputs: (name) =>
        Promise.resolve(
          name === "organization/other/prod"
            ? { url: "http://x", key: { [SIGNATURE]: SECRET, value: "key-of-other" } }
            : undefined,
        ),
    };
    stack.provider.world.set("there-1", { color: "red" });
    stack.provider.onInvoke = (token, args) => ({ token, got: args.a ?? null });
    const { outputs, errors } = await stack.up(`
      const other = new pulumi.StackReference("organization/other/prod");
      const existing = new Thing("existing", { color: undefined }, { id: "there-1" });
      const explicit = new (class extends pulumi.ProviderResource {})("fake", "mine", { region: "mars" });
      new Thing("martian", { a: 1 }, { provider: explicit });
      const answer = pulumi.runtime.invoke("fake:index:ask", { a: 41 });
      class Versioned extends pulumi.CustomResource {
        constructor(name: string) { super("fake:index:Thing", name, {}, { version: "1.2.3" }); }
      }
      new Versioned("versioned");
      export const url = other.getOutput("url");
      export const key = other.getOutput("key");
      export const color = existing.color;
      export const got = answer;
    `);
    expect(errors).toEqual([]);
    expect(outputs).toEqual({
      url: "http://x",
      key: { [SIGNATURE]: SECRET, value: "key-of-other" },
      color: "red",
      got: { token: "fake:index:ask", got: 41 },
    });
    expect(stack.get("existing")).toMatchObject({ id: "there-1", external: true, outputs: { color: "red" } });
    expect(stack.get("organization/other/prod")).toMatchObject({
      type: "pulumi:pulumi:StackReference",
      external: true,
    });
    expect(stack.get("martian").provider).toBe(`${stack.get("mine").urn}::${stack.get("mine").id ?? ""}`);
    expect(stack.get("default_1_2_3").inputs).toEqual({
      region: "moon",
      token: { [SIGNATURE]: SECRET, value: "token-of-the-moon" },
      version: "1.2.3",
      __internal: {},
    });
    expect(stack.provider.configs).toContainEqual({ region: "mars" });
    expect(stack.provider.configs).toContainEqual({ region: "moon", token: "token-of-the-moon" });
    expect((await stack.run("update")).summary.counts).toEqual({ same: 3, read: 2 });
  });

  test("what is only read is never deleted outside", async () => {
    stack.program = "";
    await stack.run("update");
    expect([...stack.provider.mutations].sort()).toEqual(["delete martian", "delete versioned"]);
    expect(stack.snapshot.resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
  });

  test("an unknown package and an unknown stack are named in the error", async () => {
    stack.program = `new pulumi.CustomResource("nowhere:index:Thing", "x", {});`;
    expect((await stack.run("preview")).errors.join()).toContain(
      "no provider for package 'nowhere' (it has: fake, dynamic resources)",
    );
    stack.program = `new pulumi.StackReference("organization/other/test");`;
    expect((await stack.run("preview")).errors.join()).toContain('unknown stack "organization/other/test"');
  });
});

describe("refresh", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("takes over what changed, forgets what is gone, keeps what cannot be read", async () => {
    await stack.up(`
      const a = new Thing("a", { size: 1, password: pulumi.secret("refreshed-secret") });
      const b = new Thing("b", { of: a.made });
      const c = new Thing("c", { of: b.made });
      new Thing("sick");
    `);
    const { world } = stack.provider;
    world.set(stack.get("a").id ?? "", { size: 2, password: "refreshed-secret", made: "a" });
    world.delete(stack.get("b").id ?? "");
    const { onRead } = stack.provider;
    stack.provider.onRead = (request) => {
      if (request.name === "sick")
        throw new ResourceInitError("ill", request.id, request.outputs ?? {}, ["has a fever"]);
      return onRead(request);
    };
    const dry = await stack.run("refresh", { dryRun: true });
    const { summary, events } = await stack.run("refresh");
    expect(dry.summary.counts).toEqual(summary.counts);
    expect(summary).toMatchObject({ failed: false, counts: { same: 2, update: 2, delete: 1 } });
    expect(stack.names.sort()).toEqual(["a", "c", "sick"]);
    expect(stack.get("a").outputs).toEqual({
      size: 2,
      password: { [SIGNATURE]: SECRET, value: "refreshed-secret" },
      made: "a",
    });
    expect(stack.get("c").dependencies).toEqual([]);
    expect(stack.get("sick").initErrors).toEqual(["has a fever"]);
    const changes = events.flatMap((event) =>
      event.type === "step-done" && event.step.urn.endsWith("::a") ? event.step.changes : [],
    );
    expect(changes).toContainEqual({ path: "size", kind: "update", before: 1, after: 2 });
    stack.provider.onRead = () => {
      throw new Error("no connection");
    };
    const failed = await stack.run("refresh");
    expect(failed.summary.failed).toBe(true);
    expect(failed.errors).toHaveLength(3);
    expect(stack.names.sort()).toEqual(["a", "c", "sick"]);
    stack.provider.onRead = onRead;
    world.delete(stack.get("c").id ?? "");
    const up = await stack.run("update", { refresh: true });
    expect(stack.provider.mutations).toEqual(["create b", "create c"]);
    expect(up.summary.failed).toBe(false);
  });
});
