import { Group, Thing } from "../../world";

const a = new Thing("a");
const b = new Thing("b", { on: a.made });
new Thing("c", {}, { dependsOn: [b] });
new Thing("below-a", {}, { parent: a });
new Thing("with-a", {}, { deletedWith: a });
const group = new Group("group");
new Thing("child", {}, { parent: group });
