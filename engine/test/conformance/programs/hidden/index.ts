import * as pulumi from "@pulumi/pulumi";
import { Group, Thing, step } from "../../world";

const hide = (value: string): pulumi.Input<string> => (step === 2 ? pulumi.secret(value) : value);
const a = new Thing("a", { size: 1 }, { additionalSecretOutputs: step === 2 ? ["size", "made"] : [] });
const b = new Thing("b", { token: hide("open-or-not") });
new Thing("c", { on: a.made, token: hide("open-or-not") }, { ignoreChanges: ["token"] });
new Thing("d", { kind: hide("kind") });
const group = new Group("group").tell({ size: a.size, hidden: hide("told") });
new Thing("e", { on: b.token }, { parent: group });
export const size = a.size;
export const list = [hide("within"), "beside"];
