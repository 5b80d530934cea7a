import { Group, Thing, step } from "../../world";

const a = new Thing("a", { size: step });
new Thing("on-a", { on: a.made });
new Thing("after-a", {}, { dependsOn: [a] });
new Thing("with-a", {}, { deletedWith: a });
new Thing("below-a", { size: 1 }, { parent: a });
const group = new Group("group");
new Thing("told", { size: 1, tells: true }, { parent: group });
new Thing("untold", { size: 1 }, { parent: group });
