import * as random from "@pulumi/random";
import { Group, Thing, step } from "../../world";

const ground = new Thing("ground", { size: step });
const dice =
  step === 1
    ? new random.Provider("dice", {}, { dependsOn: [ground] })
    : new random.Provider("cube", {}, { dependsOn: [ground], aliases: [{ name: "dice" }] });
new random.RandomId("own", { byteLength: 4 }, step < 3 ? { provider: dice } : {});
new random.RandomId("default", { byteLength: 4 }, step < 4 ? {} : { provider: dice });
const group = new Group("group", { providers: { random: dice } });
const parent = new random.RandomId("inherits", { byteLength: 2 }, { parent: group });
new random.RandomId("below", { byteLength: step < 4 ? 2 : 3 }, { parent });
const inner = new Group("inner", { parent: group });
if (step < 4) new random.RandomId("deep", { byteLength: 2 }, { parent: inner });
