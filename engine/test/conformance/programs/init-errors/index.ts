import { Thing, step } from "../../world";

const a = new Thing("a", { size: step });
const b = new Thing("b", { on: a.made });
const c = new Thing("c", { size: step, on: b.made }, { ignoreChanges: ["size"] });
if (step === 3) new Thing("d", { kind: "k", on: c.made });
