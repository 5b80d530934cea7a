import { Thing, step } from "../../world";

const a = new Thing("a", { kind: `a${step}`, first: true });
const b = new Thing("b", step === 3 ? { size: a.made.apply(() => 1) } : { size: 1, base: a.made });
const c = new Thing("c", { base: b.made });
// What is updated, not replaced, stays meanwhile.
new Thing("d", { on: a.made });
new Thing("e", {}, { dependsOn: [a] });
new Thing("f", { base: c.made }, { deleteBeforeReplace: true });
// The option says more than the provider.
new Thing("g", { kind: `g${step}` }, { deleteBeforeReplace: true });
new Thing("h", { kind: `h${step}`, first: true }, { deleteBeforeReplace: false });
