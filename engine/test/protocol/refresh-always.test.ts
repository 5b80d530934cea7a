/** `options.refresh: always` of Pulumi.yaml, through whole commands with a real program, in this process. */
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Sandbox } from "../unit/commands/sandbox";

/** A resource whose truth is a file: `notes` gets a line for whatever its provider is asked to do. */
const program = (folder: string): string => `
import * as pulumi from "@pulumi/pulumi";
const folder = ${JSON.stringify(folder)};
const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) { file().writeFileSync(at("world"), inputs.text); note("create"); return { id: "world", outs: inputs }; },
  async read(id, props) {
    note("read");
    return file().existsSync(at("world")) ? { id, props: { ...props, text: file().readFileSync(at("world"), "utf8") } } : {};
  },
  async diff(_id, olds, news) { return { changes: olds.text !== news.text }; },
  async update(_id, _olds, news) { file().writeFileSync(at("world"), news.text); note("update"); return { outs: news }; },
  async delete() { file().unlinkSync(at("world")); note("delete"); },
};
const file = () => require("node:fs");
const at = (name: string) => folder + "/" + name;
const note = (text: string) => file().appendFileSync(at("notes"), text + " ");
class Text extends pulumi.dynamic.Resource {
  constructor(name: string, text: string) { super(provider, name, { text }); }
}
file().appendFileSync(at("runs"), "run ");
new Text("text", "wanted");
`;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make("name: shop\nruntime: nodejs\noptions:\n  refresh: always\n");
  const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
  symlinkSync(modules, sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.ts" }));
  await sandbox.write("index.ts", program(sandbox.folder));
  await sandbox.run("stack init dev");
  expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
  taken("notes");
  taken("runs");
});
afterEach(() => sandbox.close());

/** What was noted since the last time. */
function taken(name: "notes" | "runs"): string {
  const path = sandbox.path(name);
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  rmSync(path, { force: true });
  return text;
}

const changeOutside = (): void => writeFileSync(sandbox.path("world"), "changed by hand");

test("up puts right what was changed outside, and --refresh=false leaves it unseen", async () => {
  changeOutside();
  const blind = await sandbox.run("up --yes --refresh=false");
  expect({ ...blind, notes: taken("notes") }).toMatchObject({ code: 0, notes: "" });
  expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
  expect(taken("notes")).toBe("read update");
  expect(readFileSync(sandbox.path("world"), "utf8")).toBe("wanted");
});

test("preview tells it and changes nothing; --expect-no-changes is about what was found", async () => {
  expect(await sandbox.run("preview --expect-no-changes")).toMatchObject({ code: 0 });
  changeOutside();
  expect((await sandbox.run("preview --expect-no-changes")).code).toBe(7);
  expect(taken("notes")).toBe("read read");
  expect(readFileSync(sandbox.path("world"), "utf8")).toBe("changed by hand");
});

test("destroy does not delete what is gone, which without a refresh fails here", async () => {
  rmSync(sandbox.path("world"));
  expect(await sandbox.run("destroy --yes --refresh=0")).toMatchObject({ code: 1 });
  expect(await sandbox.run("destroy --yes")).toMatchObject({ code: 0 });
  expect(taken("notes")).toBe("read");
});

test("where nothing changed it starts the program once and writes no state", async () => {
  const state = sandbox.path(".state/.pulumi/stacks/shop/dev.json");
  const before = statSync(state);
  expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
  const after = statSync(state);
  expect({ runs: taken("runs"), notes: taken("notes") }).toEqual({ runs: "run", notes: "read" });
  // A save writes a new file and renames it.
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});
