import { run, understand } from "../../../src/commands/run";
import { variableOf, withVariables } from "../../../src/commands/option-variables";
import { Sandbox } from "./sandbox";

const flagsOf = (line: string, environment: NodeJS.ProcessEnv) => {
  const { command, line: parsed } = understand(line.split(" "));
  return withVariables(parsed.flags, command?.names[0] ?? "", command?.flags ?? [], environment);
};

test("a variable sets what the line does not, and adds to its lists", () => {
  const flags = flagsOf("up --parallel 2 --target b", {
    PULUMI_OPTION_PARALLEL: "8",
    PULUMI_OPTION_MESSAGE: "from outside",
    PULUMI_OPTION_SKIP_PREVIEW: "TRUE",
    PULUMI_OPTION_DIFF: "0",
    PULUMI_OPTION_TARGET: 'a,"c,d"',
    PULUMI_OPTION_REFRESH: "false",
  });
  expect([flags.number("parallel"), flags.text("message"), flags.choice("refresh")]).toEqual([
    2,
    "from outside",
    false,
  ]);
  expect([flags.is("skip-preview"), flags.is("diff")]).toEqual([true, false]);
  expect(flags.list("target")).toEqual(["a", "c,d", "b"]);
});

test("what is empty, of another command, or of no command at all is none of ours", () => {
  const flags = flagsOf("config", { PULUMI_OPTION_TARGET: "a", PULUMI_OPTION_JSON: "", PULUMI_OPTION_NONSENSE: "1" });
  expect([flags.list("target"), flags.is("json")]).toEqual([[], false]);
});

test.each([
  [
    "up",
    "PULUMI_OPTION_POLICY_PACK",
    "x",
    "PULUMI_OPTION_POLICY_PACK=x stands for --policy-pack. This engine does not have it",
  ],
  ["destroy", "PULUMI_OPTION_RUN_PROGRAM", "true", "stands for --run-program"],
  ["config", "PULUMI_OPTION_TRACING", "file:x", "stands for --tracing"],
  ["destroy", "PULUMI_OPTION_PREVIEW_ONLY", "yes", 'PULUMI_OPTION_PREVIEW_ONLY is "yes"; allowed are true and false'],
  ["up", "PULUMI_OPTION_PARALLEL", "many", 'invalid argument "many" for PULUMI_OPTION_PARALLEL'],
])("`%s` with %s=%s is refused by name", (line, variable, value, message) => {
  expect(() => flagsOf(line, { [variable]: value })).toThrow(message);
});

test("a switch that only the CLI has may be off", () => {
  expect(() => flagsOf("up", { PULUMI_OPTION_NEO: "false", PULUMI_OPTION_SHOW_SAMES: "0" })).not.toThrow();
});

test("the variable of a flag", () => {
  expect(variableOf("expect-no-changes")).toBe("PULUMI_OPTION_EXPECT_NO_CHANGES");
});

describe("on a stack", () => {
  let sandbox: Sandbox;
  beforeEach(async () => (sandbox = await Sandbox.make()));
  afterEach(() => sandbox.close());

  test("PULUMI_OPTION_PREVIEW_ONLY and PULUMI_OPTION_STACK count: nothing is destroyed", async () => {
    await sandbox.run("stack init dev");
    const state = JSON.stringify({
      version: 3,
      deployment: {
        manifest: { time: "2024-01-01T00:00:00Z", magic: "", version: "" },
        resources: [
          { urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", custom: false, type: "pulumi:pulumi:Stack" },
        ],
      },
    });
    await sandbox.run("stack import", { input: state });
    await sandbox.run("stack init other");
    process.env.PULUMI_OPTION_PREVIEW_ONLY = "true";
    process.env.PULUMI_OPTION_STACK = "dev";
    const { code, out } = await sandbox.run("destroy --yes");
    expect({ code, previewed: out.includes("Previewing destroy (dev)") }).toEqual({ code: 0, previewed: true });
    expect((await sandbox.run("stack export")).out).toContain("shop-dev");
    delete process.env.PULUMI_OPTION_PREVIEW_ONLY;
    expect((await sandbox.run("destroy --yes")).code).toBe(0);
    expect((await sandbox.run("stack export")).out).not.toContain("shop-dev");
  });

  test("destroy --remove takes away the stack's own config file, not the one that --config-file names", async () => {
    await sandbox.run("stack init dev");
    await sandbox.write("other.yaml", "config: {}\n");
    expect((await sandbox.run("destroy --yes --remove --config-file other.yaml")).code).toBe(0);
    expect(await sandbox.read("other.yaml")).toBe("config: {}\n");
    await expect(sandbox.read("Pulumi.dev.yaml")).rejects.toThrow("ENOENT");
  });
});

test("help and version in other words", async () => {
  const said = async (line: string): Promise<string> => {
    let out = "";
    const terminal = { out: (text: string) => void (out += text) } as Parameters<typeof run>[1];
    expect(await run(understand(line.split(" ")), terminal)).toBe(0);
    return out;
  };
  expect(await said("help up")).toBe(await said("up --help"));
  expect(await said("help config set")).toBe(await said("config set --help"));
  expect(await said("help")).toBe(await said("--help"));
  expect(await said("--version")).toBe(await said("version"));
  for (const shell of ["bash", "zsh", "fish"]) expect(await said(`gen-completion ${shell}`)).toContain("target");
  expect(() => understand(["help", "nonsense"])).toThrow('unknown command "nonsense"');
});
