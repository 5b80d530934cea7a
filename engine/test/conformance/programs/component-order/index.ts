import { Group, Thing, step } from "../../world";

const first = new Group("first");
const one = new Thing("one", { kind: step < 3 ? "a" : "b" }, { parent: first });
const inner = new Group("inner", { parent: first });
const two = new Thing("two", { size: step }, { parent: inner });
inner.tell({ two: two.made });
first.tell({ one: one.made, thing: one, ...(step === 1 ? { only: "once" } : {}) });
const between = new Thing("between", { size: step }, { dependsOn: [first] });
const second = new Group("second", { dependsOn: [between] });
if (step < 4) new Thing("three", { on: one.made }, { parent: second });
export const thing = step < 3 ? one : "none";
export const urns = [first.urn, second.urn];
