/**
 * What the programs of scenes make: things, each of them a file in a folder, with a list of what was done to them. So what an engine did can
 * be read there, and somebody can change or remove a thing behind its back, or have an operation fail.
 */
import * as pulumi from "@pulumi/pulumi";

/** Which stage of the program this is. */
export const step = Number(process.env["STEP"] ?? "1");

export interface ThingInputs {
  /** A change is an update, as of everything that is not named here. */
  readonly size?: pulumi.Input<number>;
  /** A change is a replacement. */
  readonly kind?: pulumi.Input<string>;
  /** What it stands on must not go before it. A change is an update. */
  readonly on?: pulumi.Input<unknown>;
  /** {@link on}, but a change is a replacement. */
  readonly base?: pulumi.Input<unknown>;
  /** It is deleted before it is replaced. */
  readonly first?: boolean;
  /** A refresh tells its inputs too. */
  readonly tells?: boolean;
  /** No provider accepts it. */
  readonly wrong?: boolean;
  readonly [more: string]: unknown;
}

type Properties = Record<string, unknown> & { name: string };

/** The list of what was done, and what is to go wrong with it. */
function reach(operation: string, id: string, name: string): { fails: boolean; half: boolean } {
  const { appendFileSync, existsSync } = process.getBuiltinModule("node:fs");
  const folder = process.env["WORLD"] ?? "";
  appendFileSync(`${folder}/calls`, `${operation} ${id}\n`);
  const is = (what: string): boolean => existsSync(`${folder}/${what}/${operation} ${name}`);
  if (is("fails")) throw new Error(`${operation} ${name}: not today`);
  return { fails: false, half: is("half") };
}

function fileOf(id: string): string {
  return `${process.env["WORLD"] ?? ""}/things/${id}`;
}

function put(id: string, properties: Properties): void {
  const { writeFileSync } = process.getBuiltinModule("node:fs");
  const { __provider: _, ...own } = properties;
  writeFileSync(fileOf(id), JSON.stringify(own));
}

/** @returns what is made, for the engine; made by half it is an error that says so. */
function made(id: string, outs: Properties, half: boolean): { id: string; outs: Properties } {
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- the SDK wants it so
  if (half) throw { id, properties: outs, message: `${outs.name} is not well`, reasons: [`${outs.name} is not well`] };
  return { id, outs };
}

const provider: pulumi.dynamic.ResourceProvider<Properties, Properties> = {
  check: (_olds, news) =>
    Promise.resolve({
      inputs: news,
      failures: news["wrong"] === true ? [{ property: "wrong", reason: "it is wrong" }] : [],
    }),
  diff: (_id, olds, news) => {
    const differs = (key: string): boolean => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
      // A new name alone changes nothing of the thing.
      (key) => !["__provider", "name", "made"].includes(key),
    );
    const replaces = ["kind", "base"].filter(differs);
    return Promise.resolve({ changes: keys.some(differs), replaces, deleteBeforeReplace: news["first"] === true });
  },
  create: (inputs) => {
    const { readdirSync, writeFileSync } = process.getBuiltinModule("node:fs");
    const earlier = `${process.env["WORLD"] ?? ""}/made`;
    const id = `${inputs.name}#${readdirSync(earlier).filter((file) => file.startsWith(`${inputs.name}#`)).length + 1}`;
    const { half } = reach("create", id, inputs.name);
    writeFileSync(`${earlier}/${id}`, "");
    put(id, inputs);
    return Promise.resolve(made(id, { ...inputs, made: id }, half));
  },
  read: (id, properties) => {
    const { existsSync, readFileSync } = process.getBuiltinModule("node:fs");
    reach("read", id, properties?.name ?? "");
    if (!existsSync(fileOf(id))) return Promise.resolve({ id: "" });
    const own = JSON.parse(readFileSync(fileOf(id), "utf8")) as Properties;
    return Promise.resolve({ id, props: { ...own, made: id }, ...(own["tells"] === true ? { inputs: own } : {}) });
  },
  update: (id, _olds, news) => {
    const { half } = reach("update", id, news.name);
    put(id, news);
    return Promise.resolve({ outs: made(id, { ...news, made: id }, half).outs });
  },
  delete: (id, properties) => {
    const { existsSync, readdirSync, readFileSync, rmSync } = process.getBuiltinModule("node:fs");
    // What an earlier run has deleted one engine asks for again, and the other does not.
    if (!existsSync(fileOf(id))) return Promise.resolve();
    const others = readdirSync(`${process.env["WORLD"] ?? ""}/things`).filter((other) => other !== id);
    const above = others.filter((other) => {
      const { on, base } = JSON.parse(readFileSync(fileOf(other), "utf8")) as Properties;
      return JSON.stringify([on, base]).includes(JSON.stringify(id));
    });
    reach("delete", above.length === 0 ? id : `${id} under ${above.sort().join()}`, properties.name);
    rmSync(fileOf(id), { force: true });
    return Promise.resolve();
  },
};

export class Thing extends pulumi.dynamic.Resource {
  /** Its id, which is known when it was made. */
  declare readonly made: pulumi.Output<string>;
  declare readonly size: pulumi.Output<number>;
  declare readonly token: pulumi.Output<string>;
  constructor(name: string, inputs: ThingInputs = {}, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { made: undefined, name, ...inputs }, options);
  }
}

/** Children, and what came of them. */
export class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions, type = "conformance:index:Group") {
    super(type, name, {}, options);
  }

  /** @returns this, with its outputs told. */
  tell(outputs: pulumi.Inputs = {}): this {
    this.registerOutputs(outputs);
    return this;
  }
}
