import { Group, Thing, step } from "../../world";

const one = new Thing("one", { kind: step < 4 ? "a" : "b" });
const two = new Thing("two", { size: step });
new Thing("child", { size: step }, step === 1 ? { parent: one } : { parent: two, aliases: [{ parent: one }] });
new Thing("stays", { size: step }, { parent: one });
const group = new Group("group");
if (step < 3) new Thing("split", {}, { parent: group });
else {
  const other = new Group("other");
  new Thing("split", {}, { parent: other, aliases: [{ parent: group }] });
}
