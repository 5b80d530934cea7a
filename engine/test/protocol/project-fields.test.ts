/** What Pulumi.yaml and a stack's config file ask of a run: done, or refused by name before anything is changed. */
import { symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { CLI_VERSION } from "../../src/core/version-range";
import { Sandbox } from "../unit/commands/sandbox";

jest.setTimeout(180_000);

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make();
  const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
  symlinkSync(modules, sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.js" }));
  await sandbox.run("stack init dev");
});
afterEach(() => sandbox.close());

const outputsOf = async (yaml: string, program: string): Promise<unknown> => {
  await sandbox.write("Pulumi.yaml", `name: shop\n${yaml}\n`);
  await sandbox.write("index.js", program);
  expect(await sandbox.run("up --yes")).toMatchObject({ code: 0 });
  return JSON.parse((await sandbox.run("stack output --json")).out);
};

test("runtime.options.nodeargs reach node", async () => {
  const program = `exports.title = process.title; exports.flags = process.execArgv.filter((flag) => flag.includes("old"));`;
  expect(
    await outputsOf(
      "runtime: { name: nodejs, options: { nodeargs: \"--title='the shop' --max-old-space-size=300\" } }",
      program,
    ),
  ).toEqual({ title: "the shop", flags: ["--max-old-space-size=300"] });
});

test("runtime.options.typescript: false compiles nothing, and tsconfig names the settings otherwise", async () => {
  const program = `exports.env = process.env.PULUMI_NODEJS_TYPESCRIPT; exports.ts = require.extensions[".ts"] !== undefined;
    exports.tsconfig = process.env.PULUMI_NODEJS_TSCONFIG_PATH;`;
  expect(await outputsOf("runtime: { name: nodejs, options: { typescript: false } }", program)).toEqual({
    env: "false",
    ts: false,
  });
  await sandbox.write("settings.json", "{}");
  expect(await outputsOf("runtime: { name: nodejs, options: { tsconfig: settings.json } }", program)).toEqual({
    env: "true",
    ts: true,
    tsconfig: "settings.json",
  });
});

test("what says nothing about a run is taken as it is", async () => {
  const yaml =
    "runtime: nodejs\nauthor: me\nwebsite: http://x/\nlicense: MIT\ntemplate: { config: { size: { default: 3 } } }\nmore: true";
  expect(await outputsOf(yaml, "exports.a = 1;")).toEqual({ a: 1 });
});

describe("refused by name", () => {
  test.each([
    [
      "requiredPulumiVersion: '>4.0.0'",
      `Pulumi CLI version ${CLI_VERSION} does not satisfy the version range ">4.0.0"`,
    ],
    ["requiredPulumiVersion: latest", 'parsing CLI version range "latest"'],
    ["packages: { aws: aws@6 }", "'packages' names aws"],
    ["plugins: { languages: [{ name: nodejs, path: x }] }", "'plugins.languages' names plugins"],
  ])("Pulumi.yaml with %s", async (yaml, reason) => {
    await sandbox.write("Pulumi.yaml", `name: shop\nruntime: nodejs\n${yaml}\n`);
    await sandbox.write("index.js", `throw new Error("must not run");`);
    for (const command of ["up --yes", "preview", "destroy --yes", "refresh --yes"]) {
      const { code, err } = await sandbox.run(command);
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(err).toContain(reason);
      expect(err).toContain("Pulumi.yaml");
    }
    expect((await sandbox.run("config set size 3")).code).toBe(0);
  });

  test("a version that fits is none to speak of", async () => {
    expect(await outputsOf("runtime: nodejs\nrequiredPulumiVersion: '>=3.100.0 <4.x'", "exports.a = 1;")).toEqual({
      a: 1,
    });
  });

  test("the program's own demand for a version", async () => {
    await sandbox.write("index.js", `module.exports = require("@pulumi/pulumi").requirePulumiVersion(">4.0.0");`);
    const { code, out } = await sandbox.run("up --yes");
    expect(code).toBe(1);
    expect(out).toContain(`does not satisfy the version range ">4.0.0"`);
  });

  test("an environment of Pulumi ESC, also where values are shown", async () => {
    await sandbox.write("Pulumi.dev.yaml", "environment:\n  - prod\nconfig: {}\n");
    for (const command of ["up --yes", "preview", "destroy --yes", "refresh --yes", "config", "config get size"]) {
      const { code, err } = await sandbox.run(command);
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(err).toContain("Pulumi.dev.yaml has an 'environment' (Pulumi ESC), which this engine does not know");
    }
  });

  test("pulumi:autonaming, by what runs the program", async () => {
    await sandbox.write("Pulumi.dev.yaml", "config:\n  pulumi:autonaming: { mode: verbatim }\n");
    for (const command of ["up --yes", "preview"])
      expect((await sandbox.run(command)).err).toContain("pulumi:autonaming chooses names of resources");
    expect((await sandbox.run("destroy --yes")).code).toBe(0);
    await sandbox.write("Pulumi.dev.yaml", "config: {}\n");
    const everywhere = "config: { pulumi:autonaming: { value: { mode: verbatim } } }";
    await sandbox.write("Pulumi.yaml", `name: shop\nruntime: nodejs\n${everywhere}\n`);
    expect((await sandbox.run("preview")).err).toContain("pulumi:autonaming chooses names of resources");
  });
});

test("a StackReference to a stack of another passphrase gives its plain outputs", async () => {
  process.env.PULUMI_CONFIG_PASSPHRASE = "one";
  await sandbox.run("stack init other");
  await outputsOf(
    "runtime: nodejs",
    `exports.plain = "hello"; exports.hidden = require("@pulumi/pulumi").secret("x");`,
  );
  process.env.PULUMI_CONFIG_PASSPHRASE = "two";
  await sandbox.run("stack init mine");
  const program = `const other = new (require("@pulumi/pulumi").StackReference)("organization/shop/other");
    exports.plain = other.requireOutput("plain"); exports.hidden = other.getOutput("hidden");`;
  expect(await outputsOf("runtime: nodejs", program)).toEqual({ plain: "hello", hidden: "[secret]" });
  const { out } = await sandbox.run("up --yes");
  expect(out).toContain("eliding undecryptable secrets for stack reference 'organization/shop/other'");
});
