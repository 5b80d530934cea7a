import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const step = new pulumi.Config().requireNumber("step");
const keepers = { step: String(step) };

const password = new random.RandomPassword("password", { length: 16, special: true, overrideSpecial: "_%@" });
const text = new random.RandomString("text", { length: 8, upper: false, keepers });
const id = new random.RandomId("id", { byteLength: 6, prefix: "id-", keepers });
const bytes = new random.RandomBytes("bytes", { length: 12 });
const integer = new random.RandomInteger("integer", { min: 1, max: 100000 });
const uuid = new random.RandomUuid("uuid", step > 1 ? { keepers } : {});

export const lengths = pulumi
  .all([password.result, text.result, bytes.base64])
  .apply((all) => all.map((s) => s.length));
export const hex = id.hex;
export const number = integer.result;
export const unique = uuid.result;
