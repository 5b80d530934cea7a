import * as pulumi from "@pulumi/pulumi";
import { Group, Thing, step } from "../../world";

/** Adds a mark to each thing that it sees, so that the order shows. */
const mark =
  (by: string): pulumi.ResourceTransformation =>
  ({ type, props, opts }) =>
    type === "pulumi-nodejs:dynamic:Resource"
      ? { props: { ...props, marks: [...((props as { marks?: string[] }).marks ?? []), by] }, opts }
      : undefined;

pulumi.runtime.registerStackTransformation(mark(`stack${step}`));
const group = new Group("group", {
  transformations: [
    mark("group"),
    ({ name, props, opts }) =>
      name === "kept" ? { props, opts: pulumi.mergeOptions(opts, { ignoreChanges: ["marks"] }) } : undefined,
  ],
});
new Thing("a", {}, { transformations: [mark("own")] });
new Thing("b", {}, { parent: group, transformations: [mark("own")] });
new Thing("kept", {}, { parent: group });
const renamed: pulumi.ResourceTransformation = ({ name, props, opts }) =>
  name === "new" ? { props, opts: pulumi.mergeOptions(opts, { aliases: [{ name: "old" }] }) } : undefined;
new Thing(step === 1 ? "old" : "new", { size: 1 }, { transformations: [renamed] });
