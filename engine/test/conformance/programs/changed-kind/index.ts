import { Group, Thing, step } from "../../world";

const own = "pulumi-nodejs:dynamic:Resource";
const component = "conformance:index:Group";
const it =
  step === 2
    ? new Thing("it", { size: 1 }, { aliases: [{ type: component }] })
    : new Group("it", { aliases: [{ type: own }] });
new Thing(
  "child",
  { size: step },
  {
    parent: it,
    aliases: [{ parent: `urn:pulumi:test::conformance-changed-kind::${step === 2 ? component : own}::it` }],
  },
);
