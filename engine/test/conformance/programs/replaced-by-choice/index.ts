import { Thing, step } from "../../world";

const nested = { x: step > 1 ? 2 : 1, y: step > 2 ? 2 : 1 };
const top = new Thing("top", { size: step > 1 ? 2 : 1 }, { replaceOnChanges: ["size"] });
new Thing("above", { base: top.made });
new Thing("part", { nested }, { replaceOnChanges: ["nested.x"] });
new Thing("any", { nested }, { replaceOnChanges: ["*"] });
new Thing("first", { size: step > 1 ? 2 : 1 }, { replaceOnChanges: ["size"], deleteBeforeReplace: true });
new Thing("list", { items: [{ v: 1 }, { v: step }] }, { replaceOnChanges: ["items[*].v"] });
new Thing("new", step > 1 ? { extra: 1 } : {}, { replaceOnChanges: ["extra"] });
// What is ignored does not change.
new Thing("ignored", { size: step }, { replaceOnChanges: ["size"], ignoreChanges: ["size"] });
