import { SECRET, SIGNATURE } from "../../src/model";
import { TestStack } from "../support/test-stack";

const program = (size: number, extra = ""): string => `
  const fs = require("fs");
  class Provider implements pulumi.dynamic.ResourceProvider {
    async check(olds: any, news: any) {
      return { inputs: news, failures: news.size > 5 ? [{ property: "size", reason: "too big" }] : [] };
    }
    async diff(id: string, olds: any, news: any) {
      return { changes: olds.size !== news.size, replaces: olds.kind !== news.kind ? ["kind"] : [], deleteBeforeReplace: true };
    }
    async create(inputs: any) {
      console.log("creating with " + inputs.password);
      if (inputs.size === 5) throw Object.assign(new Error("not well"), { id: "sick-5", properties: inputs, reasons: ["a cold"] });
      if (inputs.size === 4) throw new Error("four is unlucky: " + inputs.password);
      return { id: "made-" + inputs.size, outs: { ...inputs, doubled: inputs.size * 2 } };
    }
    async update(id: string, olds: any, news: any) { return { outs: { ...news, doubled: news.size * 2 } }; }
    async delete(id: string, props: any) { console.log("deleting " + id); }
    async read(id: string, props: any) { return { id, props: { ...props, doubled: 100 } }; }
  }
  class Doubler extends pulumi.dynamic.Resource {
    readonly doubled!: pulumi.Output<number>;
    constructor(name: string, props: any, opts?: any) {
      super(new Provider(), name, { doubled: undefined, ...props }, opts);
    }
  }
  const a = new Doubler("a", { size: ${size}, kind: "x", password: pulumi.secret("dynamic-secret") });
  export const doubled = a.doubled;
  ${extra}
`;

describe("dynamic providers", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("create, with inputs as plaintext only inside of the provider", async () => {
    const { outputs, summary, events } = await stack.up(program(1));
    expect(summary).toMatchObject({ failed: false, counts: { create: 2 } });
    expect(outputs).toEqual({ doubled: 2 });
    expect(stack.get("a")).toMatchObject({
      type: "pulumi-nodejs:dynamic:Resource",
      id: "made-1",
      outputs: { doubled: 2, password: { [SIGNATURE]: SECRET, value: "dynamic-secret" } },
    });
    expect(stack.find("default")).toMatchObject({ type: "pulumi:providers:pulumi-nodejs", inputs: {} });
    expect(events).toContainEqual({ type: "program-output", stream: "stdout", line: "creating with [secret]" });
  });

  test("same, update, refresh and delete", async () => {
    expect((await stack.run("update")).summary.counts).toEqual({ same: 2 });
    const updated = await stack.up(program(3));
    expect(updated.summary.counts).toEqual({ same: 1, update: 1 });
    expect(updated.outputs).toEqual({ doubled: 6 });
    const refreshed = await stack.run("refresh");
    expect(refreshed.summary.counts).toEqual({ same: 1, update: 1 });
    expect(stack.get("a").outputs.doubled).toBe(100);
    expect(stack.get("a").outputs.password).toEqual({ [SIGNATURE]: SECRET, value: "dynamic-secret" });
    stack.program = program(3, `new Doubler("b", { size: 4, password: pulumi.secret("dynamic-secret") });`);
    const failed = await stack.run("update");
    expect(failed.errors).toEqual([expect.stringContaining("four is unlucky: [secret]")]);
    stack.program = program(3, `new Doubler("sick", { size: 5, password: pulumi.secret("dynamic-secret") });`);
    await stack.run("update");
    expect(stack.get("sick")).toMatchObject({
      id: "sick-5",
      initErrors: ["a cold"],
      outputs: { password: { [SIGNATURE]: SECRET, value: "dynamic-secret" } },
    });
    const destroyed = await stack.run("destroy");
    expect(destroyed.summary).toMatchObject({ failed: false, counts: { delete: 3 } });
    expect(destroyed.events).toContainEqual({ type: "program-output", stream: "stdout", line: "deleting made-1" });
    expect(stack.snapshot.resources).toEqual([]);
  });
});
