import * as pulumi from "@pulumi/pulumi";

const step = new pulumi.Config().requireNumber("step");

interface Inputs {
  size: number;
  kind: string;
  from?: string;
  first?: boolean;
}

const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs & { made: string }> = {
  diff: (_id, olds, news) =>
    Promise.resolve({
      changes: olds.size !== news.size || olds.kind !== news.kind || olds.from !== news.from,
      replaces: [
        ...(olds.kind !== news.kind ? ["kind"] : []),
        // What stands on something that was replaced has to be replaced with it.
        ...(olds.from !== news.from ? ["from"] : []),
      ],
      deleteBeforeReplace: news.first !== true,
    }),
  create: (inputs) =>
    Promise.resolve({ id: `${inputs.kind}-${inputs.from ?? "ground"}`, outs: { ...inputs, made: inputs.kind } }),
  update: (_id, _olds, news) => Promise.resolve({ outs: { ...news, made: news.kind } }),
};

class Brick extends pulumi.dynamic.Resource {
  declare readonly made: pulumi.Output<string>;
  constructor(name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { made: undefined, ...inputs }, options);
  }
}

const wall = step > 1 ? "stone" : "clay";
const updated = new Brick("updated", { size: step, kind: "same" });
const bottom = new Brick("bottom", { size: 1, kind: wall });
const middle = new Brick("middle", { size: 1, kind: "middle", from: bottom.made });
new Brick("top", { size: 1, kind: "top", from: middle.id });
new Brick("beside", { size: 1, kind: wall, first: true }, { dependsOn: [updated] });
if (step === 1) new Brick("gone", { size: 1, kind: "gone" });

export const made = bottom.made;
export const size = step;
