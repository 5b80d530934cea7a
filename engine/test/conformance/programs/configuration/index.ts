import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const step = config.requireNumber("step");
const object = config.getObject<{ name: string; sizes: number[]; password?: string }>("object");

const kept = new random.RandomString("kept", {
  length: 6,
  keepers: { ports: JSON.stringify(config.getObject("ports")) },
});

export const all = {
  greeting: config.require("greeting"),
  ports: config.requireObject<number[]>("ports"),
  enabled: config.requireBoolean("enabled"),
  object: { name: object?.name ?? "unset", sizes: object?.sizes ?? [] },
  other: new pulumi.Config("other").get("key") ?? "unset",
};
export const secretObject = config.getSecretObject("object");
export const value = pulumi.interpolate`${kept.result}-${step}`;
