import { SECRET, SIGNATURE } from "../../src/model";
import { UNKNOWN } from "../../src/provider";
import { TestStack } from "../support/test-stack";

const secret = (value: unknown): unknown => ({ [SIGNATURE]: SECRET, value });

describe("outputs", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  const program = (size: number): string => `
    const a = new Thing("a", { size: ${size}, hidden: pulumi.secret("hidden-input") });
    export const made = a.made;
    export const size = a.size;
    export const text = pulumi.interpolate\`made \${a.made}\`;
    export const hidden = a.hidden;
    export const mixed = { list: [a.made, 1, null], map: { secret: pulumi.secret("hidden-output"), open: true } };
    export const both = pulumi.all([a.made, a.hidden]).apply(([made, hidden]) => made + hidden);
    export const never = undefined;
  `;

  test("a preview knows what it can know; secrets are secret in it and after it", async () => {
    stack.program = program(1);
    const preview = await stack.run("preview");
    expect(preview.outputs).toMatchObject({
      made: UNKNOWN,
      size: 1,
      text: UNKNOWN,
      hidden: secret("hidden-input"),
      mixed: { list: [UNKNOWN, 1, null], map: { secret: secret("hidden-output"), open: true } },
      both: UNKNOWN,
    });
    const { outputs } = await stack.run("update");
    expect(outputs).toEqual({
      made: "a-1",
      size: 1,
      text: "made a-1",
      hidden: secret("hidden-input"),
      mixed: { list: ["a-1", 1, null], map: { secret: secret("hidden-output"), open: true } },
      both: secret("a-1hidden-input"),
    });
    expect(stack.get("proj-dev").outputs).toEqual(outputs);
  });

  test("an update makes what is computed unknown in its preview; what stays the same is known", async () => {
    expect((await stack.run("preview")).outputs).toMatchObject({ made: "a-1", text: "made a-1" });
    stack.program = program(2);
    expect((await stack.run("preview")).outputs).toMatchObject({ made: UNKNOWN, size: 2 });
    expect((await stack.run("update")).outputs).toMatchObject({ made: "a-1", size: 2 });
  });

  test("an output that the program drops goes; after a failure the old ones stay", async () => {
    stack.program = `
      new Thing("a", { size: 2, hidden: pulumi.secret("hidden-input") });
      export const first = 1;
    `;
    expect((await stack.run("update")).outputs).toEqual({ first: 1 });
    stack.provider.onUpdate = () => {
      throw new Error("no");
    };
    stack.program = `
      const a = new Thing("a", { size: 3, hidden: pulumi.secret("hidden-input") });
      export const second = 2;
      export const made = a.made;
    `;
    expect((await stack.run("update")).summary.failed).toBe(true);
    expect(stack.get("proj-dev").outputs.first).toBe(1);
  });
});

describe("additionalSecretOutputs", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("a named output is a secret from its creation, through updates, until it is named no more", async () => {
    stack.provider.onCreate = ({ inputs }) => ({ id: "a", outputs: { ...inputs, token: "generated-token-1" } });
    stack.provider.onUpdate = ({ news }) => ({ ...news, token: "generated-token-2" });
    const program = (size: number, options: string): string => `
      const a = new Thing("a", { size: ${size}, token: undefined }, { ${options} });
      export const token = a.token;
    `;
    const made = await stack.up(program(1, 'additionalSecretOutputs: ["token"]'));
    expect(made.outputs).toEqual({ token: secret("generated-token-1") });
    expect(stack.get("a")).toMatchObject({
      additionalSecretOutputs: ["token"],
      outputs: { token: secret("generated-token-1") },
    });
    const updated = await stack.up(program(2, 'additionalSecretOutputs: ["token"]'));
    expect(updated.outputs).toEqual({ token: secret("generated-token-2") });
    expect(JSON.stringify(stack.saves).replaceAll(/\{"4dabf[^}]*\}/g, "")).not.toContain("generated-token");
    await stack.up(program(3, ""));
    expect(stack.get("a").outputs.token).toBe("generated-token-2");
  });

  test("naming an output of what stays the same hides it too", async () => {
    const { summary } = await stack.up(`
      new Thing("a", { size: 3, token: undefined }, { additionalSecretOutputs: ["token"] });
    `);
    expect(summary.counts).toEqual({ same: 2 });
    expect(stack.get("a").outputs.token).toEqual(secret("generated-token-2"));
    expect(stack.saves).toHaveLength(1);
  });
});
