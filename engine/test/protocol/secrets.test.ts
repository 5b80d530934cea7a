import { TestStack } from "../support/test-stack";
import { SECRET, SIGNATURE } from "../../src/model";

const secret = (value: unknown): unknown => ({ [SIGNATURE]: SECRET, value });

/** Everything outside of a secret's value, as one text. */
function plainPart(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && (inner as Record<string, unknown>)[SIGNATURE] === SECRET
      ? "[secret]"
      : inner,
  );
}

describe("secrets", () => {
  const stack = new TestStack();
  afterAll(() => stack.dispose());

  test("providers never see the mark, and the state never holds the plaintext", async () => {
    stack.options = { config: { "proj:password": "hunter2-config" }, secretConfigKeys: ["proj:password"] };
    stack.provider.onCreate = ({ name, inputs }) => ({
      id: `${name}-1`,
      outputs: {
        ...inputs,
        made: "plain",
        ...(name === "a" ? { token: "generated-token", echo: "prefix hunter2-config" } : {}),
      },
    });
    const { outputs, events } = await stack.up(`
      const password = new pulumi.Config().requireSecret("password");
      const a = new Thing("a", {
        password, token: undefined, echo: undefined,
        nested: { deep: password, open: "visible" },
        list: ["x", password],
      }, { additionalSecretOutputs: ["token"] });
      const b = new Thing("b", { from: a.password, joined: pulumi.interpolate\`p=\${password}\` });
      console.log("the password is hunter2-config");
      export const password2 = a.password;
      export const token = a.token;
      export const open = a.made;
    `);
    const a = stack.get("a");
    expect(a.inputs).toEqual({
      password: secret("hunter2-config"),
      nested: { deep: secret("hunter2-config"), open: "visible" },
      list: secret(["x", "hunter2-config"]),
    });
    expect(a.outputs).toEqual({
      password: secret("hunter2-config"),
      nested: { deep: secret("hunter2-config"), open: "visible" },
      list: secret(["x", "hunter2-config"]),
      made: "plain",
      token: secret("generated-token"),
      echo: secret("prefix hunter2-config"),
    });
    expect(stack.get("b").inputs).toEqual({ from: secret("hunter2-config"), joined: secret("p=hunter2-config") });
    expect(outputs).toEqual({ password2: secret("hunter2-config"), token: secret("generated-token"), open: "plain" });
    expect(JSON.stringify(stack.provider.received)).not.toContain(SIGNATURE);
    for (const text of [plainPart(stack.saves), plainPart(stack.snapshot), plainPart(events)]) {
      expect(text).not.toContain("hunter2");
      expect(text).not.toContain("generated-token");
    }
    expect(events).toContainEqual({ type: "program-output", stream: "stdout", line: "the password is [secret]" });
  });

  test("an input that becomes a secret is one in the outputs too, even without a change; updates stay marked", async () => {
    const { summary } = await stack.up(`
      const a = new Thing("a", { password: pulumi.secret("hunter3-config"), list: pulumi.secret(["y"]), nested: { deep: 1 } });
      const b = new Thing("b", { from: pulumi.secret("hunter2-config"), joined: "p=hunter2-config" });
    `);
    expect(summary.counts).toEqual({ same: 2, update: 1 });
    expect(stack.get("a").outputs).toMatchObject({ password: secret("hunter3-config"), list: secret(["y"]) });
    expect(plainPart(stack.get("a"))).not.toContain("hunter3");
    const failing = await stack.run("update", {});
    expect(failing.summary.counts).toEqual({ same: 3 });
  });

  test("a provider's error message does not tell", async () => {
    stack.provider.onUpdate = ({ news }) => {
      throw new Error(`cannot log in with ${JSON.stringify(news.password)}`);
    };
    stack.program = `new Thing("a", { password: pulumi.secret("hunter4-config") });`;
    const { errors, events } = await stack.run("update");
    expect(errors).toEqual(['cannot log in with "[secret]"']);
    expect(plainPart(events)).not.toContain("hunter4");
  });
});
