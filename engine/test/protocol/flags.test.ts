/** Flags and variables that need a deployed stack to be seen at work. */
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { COMMANDS } from "../../src/commands/catalog";
import { GLOBAL_FLAGS } from "../../src/commands/grammar";
import { processTerminal } from "../../src/commands/terminal";
import { Sandbox } from "../unit/commands/sandbox";
import { MOOT } from "../unit/commands/cli-facts";

jest.setTimeout(180_000);

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.make();
  symlinkSync(dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json")))), sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.js" }));
  await sandbox.write(
    "index.js",
    `const { RandomId } = require("@pulumi/random"); exports.hex = new RandomId("id", { byteLength: 2 }).hex;`,
  );
  await sandbox.run("stack init dev");
  expect(await sandbox.run("up --yes --message made --suppress-progress --suppress-permalink")).toMatchObject({
    code: 0,
  });
});
afterAll(() => sandbox.close());

test("--message is in the history", async () => {
  expect((await sandbox.run("stack history")).out).toContain("made");
});

test("--suppress-outputs shows none", async () => {
  const shown = async (line: string): Promise<boolean> => (await sandbox.run(line)).out.includes("Outputs:");
  // What does not change is not shown either.
  await sandbox.write("index.js", `exports.one = 1;`);
  expect(await shown("preview")).toBe(true);
  expect(await shown("preview --suppress-outputs")).toBe(false);
});

test("stack --show-ids --show-urns", async () => {
  const { out } = await sandbox.run("stack --show-ids --show-urns");
  expect(out).toContain("urn:pulumi:dev::shop::random:index/randomId:RandomId::id");
  expect(out).toMatch(/ID: \S+/);
  expect((await sandbox.run("stack")).out).not.toContain("urn:pulumi");
});

test("stack graph leaves out edges, and colours and names as it is told", async () => {
  const graph = async (flags: string): Promise<string> => {
    await sandbox.run(`stack graph graph.dot ${flags}`.trim());
    return sandbox.read("graph.dot");
  };
  expect(await graph("")).toContain('color = "#AA6639"');
  expect(await graph("--ignore-parent-edges --ignore-dependency-edges")).not.toContain("->");
  expect(await graph("--parent-edge-color red --dependency-edge-color blue")).toContain('color = "red"');
  expect(await graph("--short-node-name --dot-fragment rankdir=LR")).toMatch(/rankdir=LR[^]*label="id"/);
});

test("stack ls --all names other projects' stacks, and stack rm --remove-backups leaves nothing", async () => {
  await sandbox.write("Pulumi.yaml", "name: barn\nruntime: nodejs\n");
  await sandbox.run("stack init hay");
  expect((await sandbox.run("stack ls")).out).not.toContain("dev");
  expect((await sandbox.run("stack ls --all")).out).toContain("organization/shop/dev");
  process.env.PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS = "true";
  await sandbox.write("index.js", "");
  await sandbox.run("up --yes");
  expect(existsSync(sandbox.path(".state/.pulumi/backups/barn/hay"))).toBe(false);
  delete process.env.PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS;
  await sandbox.run("up --yes");
  expect(existsSync(sandbox.path(".state/.pulumi/backups/barn/hay"))).toBe(true);
  await sandbox.run("destroy --yes");
  expect((await sandbox.run("stack rm hay --yes --remove-backups")).code).toBe(0);
  expect(readdirSync(sandbox.path(".state/.pulumi/stacks/barn")).filter((name) => name.startsWith("hay"))).toEqual([]);
  expect(existsSync(sandbox.path(".state/.pulumi/backups/barn/hay"))).toBe(false);
  await sandbox.write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
  await sandbox.run("stack select dev");
});

test("somebody is there to answer on a terminal, but not with --non-interactive or in a pipeline; --color and NO_COLOR colour", () => {
  const [input, output] = [process.stdin.isTTY, process.stdout.isTTY];
  const { CI, NO_COLOR, TERM } = process.env;
  const terminal = (nonInteractive = false, color?: string) => processTerminal({ nonInteractive, color });
  try {
    process.stdin.isTTY = process.stdout.isTTY = true;
    process.env.CI = process.env.NO_COLOR = "";
    delete process.env.NO_COLOR;
    process.env.TERM = "xterm";
    expect([terminal().interactive, terminal(true).interactive]).toEqual([true, false]);
    expect([terminal().screen.colour, terminal(false, "never").screen.colour]).toEqual([true, false]);
    process.env.TERM = "dumb";
    expect(terminal().screen.colour).toBe(false);
    process.env.NO_COLOR = "1";
    expect([terminal().screen.colour, terminal(false, "always").screen.colour]).toEqual([false, true]);
    process.env.CI = "true";
    expect(terminal().interactive).toBe(false);
    process.env.PULUMI_DISABLE_CI_DETECTION = "true";
    expect(terminal().interactive).toBe(true);
  } finally {
    process.stdin.isTTY = input;
    process.stdout.isTTY = output;
    Object.assign(process.env, { CI: CI ?? "", TERM: TERM ?? "" });
    delete process.env.PULUMI_DISABLE_CI_DETECTION;
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
  }
});

test("variables of no account here change nothing", async () => {
  const before = { ...process.env };
  await sandbox.write("index.js", `exports.seen = new (require("@pulumi/pulumi").Config)().get("size") ?? "unset";`);
  const shown = async (): Promise<string> => (await sandbox.run("up --yes")).out.replace(/\d+(\.\d+)?s/g, "");
  await shown();
  const without = await shown();
  for (const name of MOOT) process.env[name] = "1";
  try {
    expect(await shown()).toBe(without);
    expect((await sandbox.run("config set size 3")).code).toBe(0);
    expect((await sandbox.run("stack output seen")).out).toBe("unset\n");
  } finally {
    process.env = before;
  }
});

test("every flag has a help that says what it does", () => {
  for (const { flags = [] } of COMMANDS)
    for (const { help } of [...flags, ...GLOBAL_FLAGS]) expect(help.length).toBeGreaterThan(3);
});
