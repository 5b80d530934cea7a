import { Group, Thing, step } from "../../world";

const kind = step === 1 ? "one" : "two";
if (step < 3) new Thing("a", { kind }, { retainOnDelete: true });
new Thing("b", { kind, first: true }, { retainOnDelete: step < 3 });
const group = new Group("group", { retainOnDelete: step < 4 });
if (step < 3) new Thing("c", {}, { parent: group });
new Thing("d", { kind }, { parent: group, retainOnDelete: false });
new Thing("e", {}, { parent: group });
