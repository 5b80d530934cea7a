import { Group, Thing, step } from "../../world";

const a = new Thing("a", { size: step });
if (step === 2) new Thing("b", { wrong: true }, { dependsOn: [a] });
if (step === 3) new Thing("a", { size: 3 }, { dependsOn: [a] });
// The same name below another parent, or of another type, is another name.
if (step === 4) new Group("a");
if (step === 4) new Thing("a", { size: 4 }, { parent: new Group("group") });
new Thing("c", { size: 1 }, { customTimeouts: step === 4 ? { create: "1m", update: "2m", delete: "1h30m" } : {} });
