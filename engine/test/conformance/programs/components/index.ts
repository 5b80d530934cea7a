import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const step = new pulumi.Config().requireNumber("step");

class Leaf extends pulumi.ComponentResource {
  readonly value: pulumi.Output<string>;
  constructor(name: string, length: number, options?: pulumi.ComponentResourceOptions) {
    super("conformance:index:Leaf", name, { length }, options);
    this.value = new random.RandomString(`${name}-text`, { length, special: false }, { parent: this }).result;
    this.registerOutputs({ value: this.value });
  }
}

class Tree extends pulumi.ComponentResource {
  readonly values: pulumi.Output<string[]>;
  constructor(name: string, leaves: number, options?: pulumi.ComponentResourceOptions) {
    super("conformance:index:Tree", name, {}, options);
    const made = Array.from({ length: leaves }, (_, i) => new Leaf(`${name}-leaf-${i}`, 4 + i, { parent: this }));
    this.values = pulumi.all(made.map(({ value }) => value));
    this.registerOutputs({ values: this.values });
  }
}

const tree = step === 1 ? new Tree("oak", 3, { protect: false }) : new Tree("beech", 2, { aliases: [{ name: "oak" }] });
const after = new random.RandomInteger("after", { min: 1, max: 9 }, { dependsOn: [tree] });

export const values = tree.values;
export const count = tree.values.length;
export const last = after.result;
export const nested = { deep: [{ value: after.result, none: null, flag: true }] };
