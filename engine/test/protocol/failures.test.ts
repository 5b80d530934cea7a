import type { ResourceState } from "../../src/model";
import { ResourceInitError } from "../../src/provider";
import { TestStack } from "../support/test-stack";

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("failures", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a failed step ends the run; what was under way is finished and saved, nothing is deleted", async () => {
    await stack.up(`new Thing("old");`);
    stack.provider.onCreate = async ({ name, inputs }) => {
      if (name === "bad") {
        await soon(100);
        throw new Error("quota exceeded");
      }
      if (name === "slow") await soon(600);
      return { id: `${name}-1`, outputs: inputs };
    };
    stack.program = `
      const bad = new Thing("bad");
      const slow = new Thing("slow");
      new Thing("after-bad", { of: bad.id });
      new Thing("after-slow", { of: slow.id });
    `;
    const { summary, errors, events } = await stack.run("update");
    expect(summary).toMatchObject({ failed: true, interrupted: false, counts: { create: 1 } });
    expect(errors).toEqual(["quota exceeded"]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "diagnostic", urn: "urn:pulumi:dev::proj::fake:index:Thing::bad" }),
    );
    expect(events).toContainEqual(expect.objectContaining({ type: "step-failed", message: "quota exceeded" }));
    expect(stack.names.sort()).toEqual(["old", "slow"]);
    expect(stack.snapshot.pendingOperations).toEqual([]);
    expect(stack.provider.mutations).toEqual(["create bad", "create slow"]);
  });

  test("a program that breaks off deletes nothing, and what it printed is not lost", async () => {
    stack.program = `new Thing("slow"); console.error("oh dear"); throw new Error("not my day");`;
    const { summary, errors } = await stack.run("update");
    expect(summary.failed).toBe(true);
    expect(errors.join("\n")).toContain("not my day");
    expect(stack.names.sort()).toEqual(["old", "slow"]);
    stack.program = `process.exit(7);`;
    const exited = await stack.run("update");
    expect(exited.errors.join("\n")).toContain("exit code 7");
    expect(stack.names.sort()).toEqual(["old", "slow"]);
  });

  test("inputs that the provider finds wrong fail the preview", async () => {
    stack.provider.onCheck = ({ news }) => ({
      inputs: news,
      failures: [{ property: "size", reason: "must be at most 5, but is 9" }],
    });
    stack.program = `new Thing("slow", { size: 9 });`;
    const { summary, errors } = await stack.run("preview");
    expect(summary.failed).toBe(true);
    expect(errors).toEqual(["fake:index:Thing resource 'slow' has a problem: size: must be at most 5, but is 9"]);
    stack.provider.onCheck = ({ news }) => ({ inputs: news, failures: [] });
  });

  test("one that was made but is not healthy is kept with its reasons, and the next update tries again", async () => {
    stack.provider.onCreate = ({ name, inputs }) => {
      throw new ResourceInitError("not ready", `${name}-7`, { ...inputs, made: "half" }, ["never became healthy"]);
    };
    stack.program = `new Thing("old"); new Thing("slow"); new Thing("sick", { password: pulumi.secret("sickly-secret") });`;
    const failed = await stack.run("update");
    expect(failed.summary.failed).toBe(true);
    const sick = stack.get("sick");
    expect(sick).toMatchObject({ id: "sick-7", initErrors: ["never became healthy"], outputs: { made: "half" } });
    expect(JSON.stringify(sick.outputs)).toContain("1b47061264138c4ac30d75fd1eb44270");
    const { summary } = await stack.up();
    expect(summary.counts).toEqual({ same: 3, update: 1 });
    expect(stack.provider.mutations).toEqual(["update sick"]);
    expect(stack.get("sick").initErrors).toBeUndefined();
  });

  test("before a change begins the state says so; what a creation that was cut short left behind is removed", async () => {
    const pending: unknown[] = [];
    stack.provider.onUpdate = ({ news }) => {
      pending.push(
        stack.saves.at(-1)?.pendingOperations.map(({ type, resource }) => [type, resource.urn.split("::").pop()]),
      );
      return news;
    };
    const cutShort = (name: string): { resource: ResourceState; type: "creating" } => ({
      resource: { ...stack.get("sick"), urn: `urn:pulumi:dev::proj::fake:index:Thing::${name}` },
      type: "creating" as const,
    });
    stack.snapshot.pendingOperations = [cutShort("wanted"), cutShort("unwanted")];
    stack.provider.world.set("lost-1", { leftover: "wanted" });
    stack.provider.world.set("lost-2", { leftover: "unwanted" });
    stack.provider.onCreate = ({ name, inputs }) => {
      // A name that is taken is what a second creation would meet.
      if (stack.provider.world.has("lost-1")) throw new Error("conflict");
      return { id: `${name}-8`, outputs: inputs };
    };
    stack.program = `new Thing("old", { size: 2 }); new Thing("slow"); new Thing("wanted"); new Thing("sick", { password: pulumi.secret("sickly-secret") });`;
    const preview = await stack.run("preview");
    expect(preview.summary.failed).toBe(false);
    expect(stack.provider.world.has("lost-1")).toBe(true);
    const { events, summary } = await stack.run("update");
    expect(summary).toMatchObject({ failed: false, counts: { create: 1, update: 1 } });
    expect(pending[0]).toContainEqual(["updating", "old"]);
    // It was removed before anything was changed, so that it was in nobody's way.
    expect(pending[0]).not.toContainEqual(["creating", "unwanted"]);
    expect(stack.snapshot.pendingOperations).toEqual([]);
    expect(stack.provider.world.has("lost-1")).toBe(false);
    expect(stack.provider.world.has("lost-2")).toBe(false);
    const warnings = events.flatMap((event) =>
      event.type === "diagnostic" && event.severity === "warning" ? [event.message] : [],
    );
    expect(warnings.join()).toContain("unwanted, interrupted while creating");
    await stack.up(
      `new Thing("old", { size: 2 }); new Thing("slow"); new Thing("sick", { password: pulumi.secret("sickly-secret") });`,
    );
  });

  test("a state that cannot be saved stops the run before the provider is called", async () => {
    stack.program = `new Thing("old", { size: 3 }); new Thing("slow"); new Thing("sick", { password: pulumi.secret("sickly-secret") });`;
    const { summary, errors } = await stack.run("update", { save: () => Promise.reject(new Error("disk full")) });
    expect(summary.failed).toBe(true);
    expect(errors[0]).toBe("disk full");
    expect(stack.provider.mutations).toEqual([]);
  });

  test("a duplicate name is refused", async () => {
    stack.program = `new Thing("old"); new Thing("old");`;
    const { errors } = await stack.run("preview");
    expect(errors).toEqual([
      expect.stringContaining("Duplicate resource URN 'urn:pulumi:dev::proj::fake:index:Thing::old'"),
    ]);
  });
});
