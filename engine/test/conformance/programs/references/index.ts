import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const step = new pulumi.Config().requireNumber("step");
const made = new random.RandomId("made", { byteLength: 4 });
const self =
  step === 1 ? undefined : new pulumi.StackReference(`organization/${pulumi.getProject()}/${pulumi.getStack()}`);

export const hex = made.hex;
export const hidden = pulumi.secret(made.dec);
export const before = self?.getOutput("hex") ?? "nothing";
export const hiddenBefore = self?.getOutput("hidden") ?? "nothing";
export const where = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
