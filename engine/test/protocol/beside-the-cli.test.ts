/** The same scenes by this engine and by the real CLI: what is kept, what is refused, and what a state must be like. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { ResourceState } from "../../src/model";
import { BROKEN, WHOLE } from "../support/broken-states";
import { CliProject, type Ran } from "../support/cli-project";
import { describeWhere, onPath } from "../support/real-provider";

/** Files in a folder, made one for each resource, whose \`base\` replaces it and goes first. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
const provider: pulumi.dynamic.ResourceProvider = {
  async diff(_id, olds, news) {
    const replaces = olds.base !== news.base ? ["base"] : [];
    return { changes: replaces.length > 0 || olds.size !== news.size, replaces, deleteBeforeReplace: true };
  },
  async create(inputs) {
    const { writeFileSync } = require("node:fs");
    const id = inputs.name + "-" + Date.now() + Math.random();
    writeFileSync(inputs.folder + "/" + id, JSON.stringify(inputs));
    return { id, outs: { ...inputs, made: id } };
  },
  async update(id, _olds, news) {
    return { outs: { ...news, made: id } };
  },
  async delete(id, props) {
    require("node:fs").rmSync(props.folder + "/" + id, { force: true });
  },
};
class Thing extends pulumi.dynamic.Resource {
  readonly made!: pulumi.Output<string>;
  constructor(name: string, more: Record<string, unknown>, options?: pulumi.CustomResourceOptions) {
    super(provider, name, { made: undefined, name, folder: process.env.WORLD, ...more }, options);
  }
}
`;

interface Stored {
  checkpoint: { latest: { resources?: ResourceState[] } & Record<string, unknown> };
}
type Engine = "engine" | "cli";
const ENGINES = ["engine", "cli"] as const;

describeWhere(onPath("pulumi") !== undefined, "`pulumi` on PATH", "beside the real CLI", () => {
  let project: CliProject;
  let world: string;
  afterEach(() => project.remove());
  const start = async (program: string): Promise<void> => {
    project = await CliProject.create("dev", PROGRAM + program);
    world = join(project.folder, "world");
    mkdirSync(world);
  };
  const run = (by: Engine, ...args: string[]): Promise<Ran> => project[by](args, { WORLD: world });
  const must = async (by: Engine, ...args: string[]): Promise<string> => {
    const { code, output } = await run(by, ...args);
    if (code !== 0) throw new Error(`${by} ${args.join(" ")} ended with ${code}:\n${output}`);
    return output;
  };
  const things = (): string[] =>
    readdirSync(world)
      .map((file) => file.replace(/-\d.*/, ""))
      .sort();
  const file = (): string => join(project.folder, "state/.pulumi/stacks/engine-test/dev.json");
  const stored = (): Stored => JSON.parse(project.state()) as Stored;
  const resources = (): ResourceState[] => stored().checkpoint.latest.resources ?? [];
  const put = (change: (latest: Stored["checkpoint"]["latest"]) => void): void => {
    const state = stored();
    change(state.checkpoint.latest);
    writeFileSync(file(), JSON.stringify(state));
  };

  test("of each broken and each whole state both say the same, and mend it in the same way", async () => {
    await start("");
    for (const [what, , given, mends] of [
      ...BROKEN,
      ...WHOLE.map(([name, states]) => [name, "", states, true] as const),
    ]) {
      const isWhole = WHOLE.some(([name]) => name === what);
      const results = [];
      for (const by of ENGINES) {
        put((latest) => (latest.resources = structuredClone([...given])));
        const { code, output } = await run(by, "state", "repair", "--yes");
        results.push({ what, ok: code === 0, whole: output.includes("already valid"), left: resources() });
      }
      const [ours, theirs] = results;
      // The CLI's own repair appends to this list, and leaves what is missing in it.
      if (what === "no replaceWith") {
        expect([ours?.ok, theirs?.ok]).toEqual([true, false]);
        continue;
      }
      expect({ ...ours, left: ours?.left.map(essence) }).toEqual({ ...theirs, left: theirs?.left.map(essence) });
      expect({ what, ok: ours?.ok, whole: ours?.whole }).toEqual({ what, ok: mends, whole: isWhole });
    }
  });

  test("the CLI reads this engine's lock and its pending operations, and takes neither for its own", async () => {
    await start(`new Thing("a", { base: "1" });`);
    await must("engine", "up", "--yes");
    const lock = join(project.folder, "state/.pulumi/locks/organization/engine-test/dev/a.json");
    mkdirSync(dirname(lock), { recursive: true });
    const owner = { pid: 1, username: "anna", hostname: hostname(), timestamp: new Date().toISOString() };
    writeFileSync(lock, JSON.stringify({ ...owner, process: { bootId: "b", namespaces: "n", startTime: "1" } }));
    for (const by of ENGINES) {
      const { code, output } = await run(by, "refresh", "--yes", "--skip-preview");
      expect(code).not.toBe(0);
      expect(output).toMatch(/locked by 1 lock\(s\)[^]*created by anna@.* \(pid 1\)/);
    }
    await must("cli", "cancel", "--yes");
    put((latest) => {
      const [resource] = resources().slice(-1);
      latest.pending_operations = [{ resource: { ...resource, id: undefined }, type: "creating", attempt: "x" }];
    });
    await must("cli", "preview");
    expect(await must("engine", "preview")).toMatch(/interrupted while creating/);
  });

  test("stack rename and state rename, by either: the same state, and each finds nothing to do", async () => {
    const done = [];
    for (const by of ENGINES) {
      await start(`const a = new Thing("a", { base: "1" }); new Thing("b", { base: a.made }, { parent: a });`);
      await must("engine", "up", "--yes");
      await must(by, "state", "rename", resources().find(({ id }) => id?.startsWith("b-"))?.urn ?? "", "c", "--yes");
      const renamed = resources().map(({ urn: own, parent }) => [own, parent]);
      await must(by, "stack", "rename", "prod");
      const moved = JSON.parse(readFileSync(join(dirname(file()), "prod.json"), "utf8")) as Stored;
      const names = (moved.checkpoint.latest.resources ?? []).map(({ urn: own, parent, provider: its = "" }) => [
        own,
        parent,
        its.replace(/::[^:]*$/, ""),
      ]);
      done.push({ renamed, names, left: readdirSync(dirname(file())).filter((name) => name.endsWith(".json")) });
      const after = await run("cli", "stack", "ls", "--json");
      expect(after.output).toContain('"name": "prod"');
      if (by !== "cli") project.remove();
    }
    expect(done[0]).toEqual(done[1]);
  });

  test.each(ENGINES)("%s: destroy of a stack with a protected resource deletes nothing", async (by) => {
    await start(`new Thing("a", { base: "1" }); new Thing("kept", { base: "1" }, { protect: true });`);
    await must("engine", "up", "--yes");
    const { code, output } = await run(by, "destroy", "--yes");
    expect(code).not.toBe(0);
    expect(output).toMatch(/kept" cannot be deleted\s+because it is protected/);
    expect(things()).toEqual(["a", "kept"]);
    await must(by, "state", "unprotect", "--all", "--yes");
    await must(by, "destroy", "--yes", "--skip-preview");
    expect(things()).toEqual([]);
  });

  test.each(ENGINES)("%s: --target of what is deleted first makes its untargeted dependents again", async (by) => {
    const program = (base: number): string =>
      `const x = new Thing("x", { base: "${base}" }); const d = new Thing("d", { base: x.made }); new Thing("e", { base: d.made });`;
    await start(program(1));
    await must("engine", "up", "--yes");
    const before = readdirSync(world);
    project.write(PROGRAM + program(2));
    await must(
      by,
      "up",
      "--yes",
      "--skip-preview",
      "--target",
      resources().find(({ id }) => id?.startsWith("x-"))?.urn ?? "",
    );
    expect(things()).toEqual(["d", "e", "x"]);
    expect(readdirSync(world).filter((name) => before.includes(name))).toEqual([]);
    expect(
      resources()
        // A provider's id is at random.
        .filter(({ type }) => !type.startsWith("pulumi:providers:"))
        .map(({ id }) => id)
        .filter((id) => id?.includes("-0")).length,
    ).toBe(0);
    // Whatever the dependents were made with, a whole update by either leaves nothing to do for the other.
    await must("engine", "up", "--yes");
    await must("cli", "preview", "--expect-no-changes");
  });

  test("hideDiffs, read timeouts, NaN and infinity: what this engine writes the CLI finds nothing to do about", async () => {
    await start(`new Thing("a", { base: "1", hidden: { deep: [1] }, odd: [NaN, Infinity] }, {
      hideDiffs: ["hidden.deep[0]"], customTimeouts: { read: "90s" } });`);
    await must("engine", "up", "--yes");
    const [a] = resources().slice(-1);
    await must("cli", "up", "--yes", "--skip-preview");
    const [again] = resources().slice(-1);
    for (const key of ["hideDiff", "customTimeouts"] as const)
      expect({ [key]: again?.[key] }).toEqual({ [key]: a?.[key] });
    expect(again?.outputs.odd).toMatchObject([{ value: expect.any(String) as string }, { value: "7ff0000000000000" }]);
    await must("engine", "preview", "--expect-no-changes");
  });

  test("a backend of the layout before projects: neither puts a stack beside it", async () => {
    await start("");
    const other = join(project.folder, "legacy");
    mkdirSync(join(other, ".pulumi/stacks"), { recursive: true });
    writeFileSync(join(other, ".pulumi/stacks/old.json"), '{"version":3,"checkpoint":{"stack":"old"}}');
    for (const by of ENGINES) {
      const { code } = await project[by](["stack", "init", "new"], { PULUMI_BACKEND_URL: `file://${other}` });
      expect({ by, code: code === 0 ? 0 : 1 }).toEqual({ by, code: 1 });
      expect(readdirSync(join(other, ".pulumi")).filter((name) => name === "meta.yaml")).toEqual([]);
    }
  });
});

/** What a mended state is compared by: the CLI writes empty lists where this engine writes none. */
function essence({ urn: own, id, parent, provider: by, delete: doomed, ...rest }: ResourceState): unknown {
  const { dependencies = [], propertyDependencies = {}, deletedWith, replaceWith = [] } = rest;
  const properties = Object.entries(propertyDependencies).filter(([, urns]) => urns.length > 0);
  return { own, id, parent, by, doomed, dependencies, properties, deletedWith, replaceWith };
}
