import { Thing, step } from "../../world";

const KINDS = ["", "one", "two", "three", "four", "five"];
if (step < 6) {
  const a = new Thing("a", { kind: KINDS[step] ?? "", first: true });
  const b = new Thing("b", { base: a.made, first: true });
  new Thing("c", { on: b.made });
}
new Thing("d", { size: 1 });
