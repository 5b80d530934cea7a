import * as pulumi from "@pulumi/pulumi";
import { Group, Thing, step } from "../../world";

const old = { name: "group" };
const group = step < 3 ? new Group("group") : new Group("circle", { aliases: [old] });
const a =
  step === 1
    ? new Thing("a", { size: 1 })
    : new Thing(step === 2 ? "alpha" : "aleph", { size: step }, { aliases: [{ name: "a" }, { name: "alpha" }] });
new Thing("b", { on: a.made }, { parent: group });
const c =
  step === 1
    ? new Thing("c", {}, { parent: group })
    : step === 2
      ? new Thing("c", {}, { aliases: [{ parent: group }] })
      : new Thing("c", {}, { parent: group, aliases: [{ parent: pulumi.rootStackResource }] });
new Thing("d", {}, { deletedWith: a, dependsOn: [c] });
export const made = a.made;
