/** Keeps README's table of differences to the CLI true: each row is checked here, or by a test that is named here and exists. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomProvider } from "../../src/providers/random";
import { Sandbox } from "./commands/sandbox";

// Each derived key takes a third of a second, more on a busy machine.
const engine = join(__dirname, "../..");

/** The first cell of each row. */
function rows(): string[] {
  const readme = readFileSync(join(engine, "README.md"), "utf8");
  const section = /## Differences to the CLI\n(.*?)\n## /s.exec(readme)?.[1] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|")[1]?.trim() ?? "");
}

type Check = (sandbox: Sandbox) => void | Promise<void>;

/** The row is checked elsewhere, by a test of this title. */
const elsewhere =
  (file: string, title: string): Check =>
  () => {
    const path = join(engine, "test", file);
    expect({ file, there: existsSync(path) }).toEqual({ file, there: true });
    expect(readFileSync(path, "utf8")).toContain(JSON.stringify(title));
  };

/** Refused with exit code 2, and the CLI named as the way. */
const refuses =
  (...commands: string[]): Check =>
  async (sandbox) => {
    for (const command of commands) {
      const { code, err } = await sandbox.run(command);
      expect({ command, code }).toEqual({ command, code: 2 });
      expect(err).toMatch(/unknown (flag|command|shorthand).*use the Pulumi CLI for it/);
    }
  };

const stateFile = async (sandbox: Sandbox, name: string, content: string): Promise<void> => {
  const folder = sandbox.path(".state", ".pulumi", "stacks", "shop");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), content);
};

const CHECKS: Record<string, Check> = {
  "`up --yes`": elsewhere("protocol/up-yes.test.ts", "up --yes runs the program once, and previews nothing"),
  "wrong config type": async (sandbox) => {
    await sandbox.write("Pulumi.yaml", "name: shop\nruntime: nodejs\nconfig:\n  size:\n    type: integer\n");
    await sandbox.run("stack init dev");
    await sandbox.run("config set size big");
    const { code, err } = await sandbox.run("preview");
    expect(code).toBe(1);
    for (const part of ["size", '"big"', "integer", "pulumi config set size"]) expect(err).toContain(part);
  },
  prompts: elsewhere("unit/commands/confirm.test.ts", "yes goes on, details are shown and asked again"),
  "`preview`": elsewhere(
    "unit/display/plain-display.test.ts",
    "a preview tells each changed property, what replaces, and what output would change",
  ),
  "a lock left by a killed run": elsewhere(
    "unit/state/lock.test.ts",
    "a lock whose process is gone is taken over, with a warning",
  ),
  "an interrupted update or deletion": elsewhere(
    "unit/core/crashes.test.ts",
    "whatever is interrupted, and wherever: nothing is lost, and one clean run makes what is wanted",
  ),
  "an interrupted creation": elsewhere(
    "protocol/failures.test.ts",
    "before a change begins the state says so; what a creation that was cut short left behind is removed",
  ),
  "`config set` of what looks secret": async (sandbox) => {
    await sandbox.run("stack init dev");
    const { code, err } = await sandbox.run("config set apiToken a1b2c3d4e5f6g7h8i9");
    expect(code).toBe(1);
    expect(err).toContain("looks like a secret; rerun with --secret");
    // By name and characters alone: zxcvbn would let neither the first nor, by its guesses, a long word through.
    expect((await sandbox.run("config set apiToken correcthorsebatterystaple")).code).toBe(0);
    expect((await sandbox.run("config set size a1b2c3d4e5f6g7h8i9")).code).toBe(0);
  },
  "`stack init` on a config file": async (sandbox) => {
    const before = "config:\n  shop:size: 3\n";
    await sandbox.write("Pulumi.dev.yaml", before);
    await sandbox.run("stack init dev");
    expect(await sandbox.read("Pulumi.dev.yaml")).toBe(before);
    await sandbox.run("config set --secret password swordfish");
    expect(await sandbox.read("Pulumi.dev.yaml")).toContain("encryptionsalt: v1:");
  },
  "unknown flag": refuses("up --nonsense", "stack --nonsense"),
  "flags that lift a protection": refuses("up --ignore-protect", "destroy --exclude-protected"),
  "compressed state, format 4 features": async (sandbox) => {
    await stateFile(sandbox, "packed.json.gz", "");
    expect((await sandbox.run("preview --stack packed")).err).toMatch(
      /packed\.json\.gz is compressed.*Use the Pulumi CLI/s,
    );
    await stateFile(sandbox, "new.json", '{"version":4,"features":["views"],"checkpoint":{}}');
    expect((await sandbox.run("stack --stack new")).err).toMatch(
      /uses views, which this engine does not know.*Pulumi CLI/s,
    );
  },
  "the option `import` for random values": async () => {
    const provider = randomProvider();
    const request = { urn: "u", type: "random:index/randomString:RandomString", name: "text", id: "abc" };
    await expect(provider.read(request)).rejects.toThrow("text: random values cannot be imported by this engine");
  },
  "policies, plans, ESC, watch; `import`, `logs`, `console`": refuses(
    "up --policy-pack x",
    "up --plan x",
    "preview --save-plan x",
    "env ls",
    "watch",
    "import",
    "logs",
    "console",
  ),
  "`state move`, `edit`, `protect`, `taint`, …": async (sandbox) => {
    await refuses(
      "state move x",
      "state edit",
      "state protect x",
      "state taint x",
      "state untaint x",
      "state upgrade",
    )(sandbox);
    await elsewhere("protocol/kept-options.test.ts", "what the CLI tainted is replaced, once")(sandbox);
  },
  "`state repair` of a missing `replaceWith`": elsewhere(
    "protocol/beside-the-cli.test.ts",
    "of each broken and each whole state both say the same, and mend it in the same way",
  ),
  "a protected resource that the program drops, with `up --yes`": elsewhere(
    "protocol/protect.test.ts",
    "it is not deleted, neither when the program drops it nor by destroy, and what it needs stays",
  ),
  "untargeted dependents of a target that is deleted first": elsewhere(
    "protocol/targets.test.ts",
    "dependents that could not stay are made again with what the target has become, though they are no targets",
  ),
  "`--target` of what untargeted ones still need, dropped by the program": elsewhere(
    "protocol/targets.test.ts",
    "a target that the program dropped stays while one that is no target needs it",
  ),
  "`--target` of what needs something deleted for a replacement": elsewhere(
    "protocol/selection.test.ts",
    "a target that needs what was deleted for a replacement that failed is refused, unless that is one too",
  ),
  "`--exclude` of something new that something else needs": elsewhere(
    "protocol/selection.test.ts",
    "something new that needs something new that is excluded is refused",
  ),
  "`--exclude` that names nothing": elsewhere(
    "protocol/selection.test.ts",
    "what excludes nothing is refused, for what it was to protect would go",
  ),
  "`--target-dependents`, and what needs a dependent that is made again": elsewhere(
    "protocol/selection.test.ts",
    "what is made again for a target counts as one too, so what needs that is updated",
  ),
  "something imported under a second name": elsewhere(
    "protocol/import.test.ts",
    "what is imported under a second name lives on as that when the first one goes",
  ),
  "`envVarMappings`": elsewhere("protocol/kept-options.test.ts", "envVarMappings are refused by name"),
  "`transforms`, hooks, remote components, parameterized packages, assets": elsewhere(
    "protocol/refusals.test.ts",
    "assets",
  ),
};

test("every row of the table has a check, and every check a row", () => {
  expect(rows()).toEqual(Object.keys(CHECKS));
});

describe("differences to the CLI", () => {
  let sandbox: Sandbox;
  beforeEach(async () => (sandbox = await Sandbox.make()));
  afterEach(() => sandbox.close());

  test.each(Object.entries(CHECKS))("%s", async (_row, check) => check(sandbox));
});
