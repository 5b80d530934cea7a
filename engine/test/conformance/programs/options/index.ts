import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const step = new pulumi.Config().requireNumber("step");

class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("conformance:index:Group", name, {}, options);
  }
}

const group = new Group("group", { protect: step === 1, retainOnDelete: step === 2 });
const inherited = new random.RandomString("inherited", { length: 5 }, { parent: group });
new random.RandomString("ignored", { length: 4 + step }, { ignoreChanges: ["length"] });
new random.RandomString("timed", { length: 6 }, { customTimeouts: { create: "90s", delete: "1h" } });
const host = new random.RandomId("host", { byteLength: 4 }, { dependsOn: [group] });
new random.RandomId("guest", { byteLength: 4 }, { deletedWith: host });
new random.RandomId("first", { byteLength: 4, keepers: { step: String(step) } }, { deleteBeforeReplace: true });
new random.RandomString("secretive", { length: 7 }, { additionalSecretOutputs: ["result"] });
new random.RandomString(
  step === 1 ? "before" : "renamed",
  { length: 3 },
  { aliases: [{ name: "before" }], parent: step === 1 ? undefined : group, ...(step > 1 ? { protect: false } : {}) },
);

export const value = inherited.result;
