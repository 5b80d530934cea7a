import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const password = step > 1 ? config.requireSecret("password") : pulumi.secret("secret-of-the-first-step");

const echo: pulumi.dynamic.ResourceProvider = {
  diff: (_id, olds: Record<string, unknown>, news: Record<string, unknown>) =>
    Promise.resolve({ changes: JSON.stringify(olds["nested"]) !== JSON.stringify(news["nested"]) }),
  create: (inputs) =>
    Promise.resolve({ id: "echo", outs: { ...(inputs as object), token: ["token", "made", "by", "echo"].join("-") } }),
  update: (_id, _olds, news) =>
    Promise.resolve({ outs: { ...(news as object), token: ["token", "made", "by", "echo"].join("-") } }),
};

class Echo extends pulumi.dynamic.Resource {
  declare readonly token: pulumi.Output<string>;
  declare readonly nested: pulumi.Output<{ secret: string; open: string }>;
  constructor(name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super(echo, name, { token: undefined, ...inputs }, options);
  }
}

const made = new Echo(
  "made",
  { nested: { secret: password, open: `step ${step}` }, list: ["a", password] },
  { additionalSecretOutputs: ["token"] },
);
const generated = new random.RandomPassword("generated", { length: 20, minNumeric: 2 });

export const plain = made.nested.open;
export const secret = made.nested.secret;
export const token = made.token;
export const structure = { list: [generated.result, "open"], map: { password } };
export const unwrapped = pulumi.unsecret(generated.length);
