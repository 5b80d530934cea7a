import { Thing, step } from "../../world";

if (step === 1) new Thing("a", { size: 1 });
// It was there under its own name, and that goes before one that it had.
if (step <= 2) new Thing("b", { size: 2 }, { aliases: step === 2 ? [{ name: "a" }] : [] });
if (step >= 3) {
  const c = new Thing("c", { size: 2 }, { aliases: [{ name: "b" }] });
  if (step === 3) new Thing("d", { size: 2 }, { aliases: [{ name: "b" }], dependsOn: [c] });
  if (step === 5) new Thing("b", { size: 5 }, { dependsOn: [c] });
}
