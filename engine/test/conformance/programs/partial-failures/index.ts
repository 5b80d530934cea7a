import * as pulumi from "@pulumi/pulumi";
import { Thing, step } from "../../world";

const a = new Thing("a", { size: step });
const b = new Thing("b", { on: a.made, size: step });
if (step < 4) new Thing("c", { on: b.made });
if (step >= 3) {
  const d = new Thing("d", { on: b.made });
  new Thing("e", { on: d.made });
}
export const size = a.size;
export const stage = step;
export const broken =
  step === 4 && !pulumi.runtime.isDryRun()
    ? b.made.apply(() => {
        throw new Error("the program's own failure");
      })
    : "not";
