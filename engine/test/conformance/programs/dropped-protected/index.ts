import { Group, Thing, step } from "../../world";

new Thing("a", { size: 1 });
const group = new Group("group", { protect: step !== 3 });
if (step !== 2 && step !== 4) {
  new Thing("b", {}, { parent: group });
  new Thing("d", {}, { protect: step !== 3 });
}
new Thing("c", {}, { parent: group, protect: false });
