import { Thing, step } from "../../world";

const a = new Thing("a", { kind: `k${step}`, first: step === 4 });
new Thing("b", { on: a.made });
if (step < 3) new Thing("c", {}, { dependsOn: [a] });
