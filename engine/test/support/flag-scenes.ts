/** Scenes that this engine and the real CLI play alike: a program is deployed, changed, and run with some flags. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ResourceState } from "../../src/model";
import type { JsonObject } from "../../src/provider";
import { CliProject } from "./cli-project";

/**
 * Files in a folder, one for each resource. `base` replaces it, and it goes first unless `first` says `create`; `size` updates it. What
 * is called in WORLD_FAILS (`update b`) fails.
 */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
const fail = (what) => {
  if ((process.env.WORLD_FAILS ?? "").split(",").includes(what)) throw new Error("no " + what);
};
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id, olds, news) {
    const replaces = ["base", "of"].filter((key) => olds[key] !== news[key]);
    return { changes: replaces.length > 0 || olds.size !== news.size, replaces, deleteBeforeReplace: news.first !== "create" };
  },
  async create(inputs) {
    fail("create " + inputs.name);
    const { writeFileSync } = require("node:fs");
    const id = inputs.name + "-" + Date.now() + Math.random();
    writeFileSync(inputs.folder + "/" + id, "");
    return { id, outs: { ...inputs, made: id } };
  },
  async read(id, props) {
    const exists = require("node:fs").existsSync(props.folder + "/" + id);
    return exists ? { id, props: { ...props, read: "yes" } } : { id: "", props: {} };
  },
  async update(id, _olds, news) {
    fail("update " + news.name);
    return { outs: { ...news, made: id } };
  },
  async delete(id, props) {
    fail("delete " + props.name);
    require("node:fs").rmSync(props.folder + "/" + id, { force: true });
  },
};
class Thing extends pulumi.dynamic.Resource {
  readonly made!: pulumi.Output<string>;
  constructor(name: string, more: Record<string, unknown> = {}, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { made: undefined, name, folder: process.env.WORLD, ...more }, options);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, options);
  }
}
`;

export interface Scene {
  readonly before: string;
  /** @default the same program */
  readonly after?: string;
  readonly args: readonly string[];
  /** What fails, as `update b`. */
  readonly fails?: string;
}

export interface Played {
  readonly ok: boolean;
  /** `op name` of what was begun, sorted; but `same`. */
  readonly steps: readonly string[];
  /** Of each resource in the state: its inputs, whether it is the one from before, and what it needs. */
  readonly state: Readonly<Record<string, unknown>>;
  /** Names of what exists. */
  readonly world: readonly string[];
  readonly output: string;
}

interface Stored {
  checkpoint: { latest: { resources?: ResourceState[] } };
}

const nameOf = (urn: string): string => urn.split("::").pop() ?? "";

/** Plays a scene from its beginning. The program is first deployed by this engine. */
export async function play(by: "engine" | "cli", { before, after = before, args, fails = "" }: Scene): Promise<Played> {
  const project = await CliProject.create("dev", PROGRAM + before);
  try {
    const world = join(project.folder, "world");
    mkdirSync(world);
    const setUp = await project.engine(["up", "--yes"], { WORLD: world });
    if (setUp.code !== 0) throw new Error(setUp.output);
    const resources = (): ResourceState[] => (JSON.parse(project.state()) as Stored).checkpoint.latest.resources ?? [];
    const ids = new Set(resources().map(({ id }) => id));
    project.write(PROGRAM + after);
    const more = { WORLD: world, WORLD_FAILS: fails };
    const [command = "", ...flags] = args;
    const yes = command === "preview" ? [] : ["--yes", "--skip-preview"];
    const { code, output } = await project[by]([command, ...flags, ...yes, "--json"], more);
    const left = resources().filter(({ type }) => type.includes("dynamic:Resource") || type.startsWith("test:"));
    return {
      ok: code === 0,
      steps: stepsIn(output),
      state: Object.fromEntries(left.map((state) => essence(state, ids))),
      world: readdirSync(world)
        .map((file) => file.replace(/-\d.*/, ""))
        .sort(),
      output,
    };
  } finally {
    project.remove();
  }
}

function essence(state: ResourceState, before: ReadonlySet<string | undefined>): [string, unknown] {
  const { urn, id, custom, dependencies = [], delete: doomed, pendingReplacement } = state;
  // The CLI leaves empty ones out.
  const { size, base } = (state.inputs as JsonObject | undefined) ?? {};
  const kept = custom ? before.has(id) : undefined;
  const needs = dependencies.map(nameOf).sort();
  return [`${nameOf(urn)}${doomed ? "†" : ""}`, { size, base, kept, needs, pendingReplacement }];
}

function stepsIn(output: string): string[] {
  const steps: string[] = [];
  for (const line of output.split("\n").filter((each) => each.startsWith("{"))) {
    const { resourcePreEvent } = safely(line);
    if (!resourcePreEvent) continue;
    const { op, urn, type } = resourcePreEvent.metadata;
    if (type.startsWith("pulumi:") || op === "same") continue;
    steps.push(`${op} ${nameOf(urn)}`);
  }
  return steps.sort();
}

interface Line {
  resourcePreEvent?: { metadata: { op: string; urn: string; type: string } };
}

/** What is no event says nothing. */
function safely(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
}
