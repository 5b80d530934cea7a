import { Group, Thing, step } from "../../world";

const a = new Thing("a", { size: step });
const b = new Thing("b", { on: a.made, size: step });
const group = new Group("group");
new Thing("child", { size: step }, { parent: group });
if (step === 1) new Thing("dropped");
if (step >= 2) {
  const fresh = new Thing("fresh", { on: b.made });
  new Thing("needs-fresh", { on: fresh.made });
  const circle = new Group("circle");
  new Thing("lonely", {}, { parent: circle });
}
