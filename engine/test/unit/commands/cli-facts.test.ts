/** Holds everything that the CLI 3.260 reads to one of: honoured, with a test; refused by name, with a test; of no account here, with a test. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../src/commands/catalog";
import { GLOBAL_FLAGS } from "../../../src/commands/grammar";
import { lackingFlags } from "../../../src/commands/cli-flags";
import { understand } from "../../../src/commands/run";
import { programEnvironment } from "../../../src/core/program-runner";
import type { DeploymentOptions } from "../../../src/model";
import facts from "./cli-3.260.json";
import {
  FIELD_TESTS,
  FLAG_TESTS,
  MOOT,
  MOOT_TEST,
  REFUSED_VARIABLES,
  STACK_FIELD_TESTS,
  VARIABLE_TESTS,
  type Held,
} from "./cli-facts";
import { Sandbox } from "./sandbox";

function expectTest([file, title]: Held): void {
  const path = join(__dirname, "../..", file);
  expect({ file, there: existsSync(path) }).toEqual({ file, there: true });
  expect(readFileSync(path, "utf8")).toContain(`"${title}"`);
}

test.each([
  ["field of Pulumi.yaml", facts.projectFields, FIELD_TESTS],
  ["field of Pulumi.<stack>.yaml", facts.stackFields, STACK_FIELD_TESTS],
])("every %s is held by a test that exists", (_kind, rows, tests) => {
  expect(Object.keys(tests).sort()).toEqual([...rows].sort());
  Object.values(tests).forEach(expectTest);
});

test("every variable that the CLI reads is held by a test that exists", () => {
  expect(facts.variables.length).toBeGreaterThan(180);
  expect(Object.keys(VARIABLE_TESTS).filter((name) => !facts.variables.includes(name))).toEqual([]);
  Object.values(VARIABLE_TESTS).forEach(expectTest);
  expect(MOOT.length + Object.keys(VARIABLE_TESTS).length).toBe(facts.variables.length);
  expectTest(MOOT_TEST);
});

const commands = Object.entries(facts.flags).map(([command, flags]) => ({
  name: command.startsWith("(") ? "" : command,
  flags: flags as readonly string[],
}));

test("every flag of the CLI's commands is held by a test that exists, or is refused by name", () => {
  for (const { name, flags } of commands) {
    const spec = COMMANDS.find(({ names }) => names[0] === name);
    const honoured = new Set([...(spec?.flags ?? []), ...GLOBAL_FLAGS].map((flag) => flag.name));
    const lacking = new Set(lackingFlags(name).map((flag) => flag.name));
    for (const flag of flags) {
      const once = Number(honoured.has(flag)) + Number(lacking.has(flag));
      expect({ command: name, flag, once }).toEqual({ command: name, flag, once: 1 });
      if (honoured.has(flag)) expectTest(FLAG_TESTS[flag] ?? ["nowhere", flag]);
    }
  }
});

test("a flag that only the CLI has is refused by name, on the line and as a variable", () => {
  for (const { name, flags } of commands.filter((command) => command.name !== "")) {
    for (const { name: flag } of lackingFlags(name).filter((each) => flags.includes(each.name))) {
      expect(() => understand([...name.split(" "), `--${flag}`])).toThrow(
        `unknown flag: --${flag}. This engine does not have it: use the Pulumi CLI for it`,
      );
    }
  }
});

describe("on a stack", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.make();
    await sandbox.run("stack init dev");
  });
  afterAll(() => sandbox.close());

  test.each(REFUSED_VARIABLES)("a variable that would change what is done is refused by name: %s", async (name) => {
    process.env[name] = "1";
    const { code, err } = await sandbox.run("preview");
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete process.env[name];
    expect(code).toBe(2);
    expect(err).toContain(
      `${name} is set to "1". This engine does not have it: use the Pulumi CLI for it, or unset it`,
    );
  });

  test("PULUMI_SKIP_CONFIRMATIONS says yes", async () => {
    process.env.PULUMI_SKIP_CONFIRMATIONS = "true";
    const { code } = await sandbox.run("destroy");
    delete process.env.PULUMI_SKIP_CONFIRMATIONS;
    expect([code, (await sandbox.run("destroy")).code]).toEqual([0, 2]);
  });

  test("PULUMI_PARALLEL must be a number", async () => {
    process.env.PULUMI_PARALLEL = "many";
    const { code, err } = await sandbox.run("destroy --yes");
    delete process.env.PULUMI_PARALLEL;
    expect({ code, err }).toEqual({ code: 2, err: 'PULUMI_PARALLEL is "many"; allowed is a whole number' });
  });
});

test("what the program's environment says to the SDK", () => {
  const options = { config: {}, secretConfigKeys: [], programFolder: "/x" } as unknown as DeploymentOptions;
  const { PULUMI_NODEJS_TRANSPILE_ONLY, PULUMI_NODEJS_TSCONFIG_PATH } = process.env;
  try {
    process.env.PULUMI_NODEJS_TRANSPILE_ONLY = "false";
    process.env.PULUMI_NODEJS_TSCONFIG_PATH = "mine.json";
    const environment = programEnvironment(options);
    expect([environment.PULUMI_NODEJS_TRANSPILE_ONLY, environment.PULUMI_NODEJS_TSCONFIG_PATH]).toEqual([
      "false",
      "mine.json",
    ]);
    const javascript = { nodeArguments: [], typescript: false };
    expect(programEnvironment({ ...options, runtime: javascript }).PULUMI_NODEJS_TYPESCRIPT).toBe("false");
  } finally {
    Object.assign(process.env, { PULUMI_NODEJS_TRANSPILE_ONLY, PULUMI_NODEJS_TSCONFIG_PATH });
    if (PULUMI_NODEJS_TRANSPILE_ONLY === undefined) delete process.env.PULUMI_NODEJS_TRANSPILE_ONLY;
    if (PULUMI_NODEJS_TSCONFIG_PATH === undefined) delete process.env.PULUMI_NODEJS_TSCONFIG_PATH;
  }
});
