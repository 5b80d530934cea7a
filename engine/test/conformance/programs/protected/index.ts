import { Group, Thing, step } from "../../world";

const protect = step < 3;
const a = new Thing("a", { kind: step % 2 === 1 ? "one" : "two", first: true });
new Thing("b", { base: a.made, size: 1 }, { protect });
const group = new Group("group", { protect });
new Thing("c", { size: 1 }, { parent: group });
new Thing("d", {}, { protect, parent: group });
new Thing("e", {}, { protect });
new Thing("f", { kind: "one" }, { protect });
