import { existsSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { Sandbox } from "./sandbox";

const FIXTURES = path.join(__dirname, "..", "state", "fixtures", "cli-3.260");
// Each derived key takes a third of a second, more on a busy machine.
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.make("name: fixture\nruntime: nodejs\n");
});
afterEach(() => sandbox.close());

/** A stack that the real CLI made and updated. */
async function withCliStack(): Promise<void> {
  process.env.PULUMI_CONFIG_PASSPHRASE = "correct horse battery staple";
  const folder = sandbox.path(".state", ".pulumi", "stacks", "fixture");
  await mkdir(folder, { recursive: true });
  await copyFile(path.join(FIXTURES, "state.json"), path.join(folder, "cli.json"));
  await copyFile(path.join(FIXTURES, "Pulumi.cli.yaml"), sandbox.path("Pulumi.cli.yaml"));
  await sandbox.run("stack select cli");
}

describe("init, select, ls, rm", () => {
  test("a stack is made, selected, listed and removed", async () => {
    expect(await sandbox.run("stack init dev")).toEqual({ code: 0, out: "", err: "Created stack 'dev'\n" });
    await sandbox.run("stack init two --no-select");
    expect((await sandbox.run("stack ls")).out).toBe(
      "NAME  LAST UPDATE  RESOURCE COUNT\ndev*  n/a          n/a\ntwo   n/a          n/a\n",
    );
    expect(JSON.parse((await sandbox.run("stack ls --json")).out)).toEqual([
      { name: "dev", current: true },
      { name: "two", current: false },
    ]);
    await sandbox.run("stack select two");
    expect((await sandbox.run("stack --show-name")).out).toBe("two\n");
    expect((await sandbox.run("stack rm two --yes")).out).toBe("Stack 'two' has been removed!\n");
    expect(existsSync(sandbox.path("Pulumi.two.yaml"))).toBe(false);
    expect((await sandbox.run("stack")).err).toContain("no stack selected");
  });

  test("the passphrase is made once and opens what was encrypted", async () => {
    await sandbox.run("stack init dev");
    await sandbox.run("config set --secret token swordfish");
    expect((await sandbox.run("config get token")).out).toBe("swordfish\n");
    expect((await sandbox.read(".state", "passphrase")).trim()).toHaveLength(32);
    expect(JSON.parse(await sandbox.read(".state", "engine.json"))).toMatchObject({
      "organization/fixture/dev": { engine: "embedded", operation: "stack init" },
    });
  });

  test.each([
    ["stack init dev", 1, "stack 'dev' already exists"],
    ["stack init", 2, "missing stack name"],
    ["stack init a/b", 2, "organization name must be 'organization', not 'a'"],
    ["stack init x --secrets-provider awskms://k", 2, "unknown secrets provider 'awskms://k'"],
    ["stack select prod", 6, "no stack named 'prod' found"],
    ["stack select", 6, "name one of: dev"],
    ["stack rm dev", 2, "non-interactive mode requires --yes flag"],
    ["stack output url", 1, "current stack does not have output property 'url'"],
  ])("`%s` is refused", async (line, code, message) => {
    await sandbox.run("stack init dev");
    const outcome = await sandbox.run(line);
    expect(outcome.code).toBe(code);
    expect(outcome.err).toContain(message);
  });

  test("select --create makes the stack that is missing", async () => {
    expect((await sandbox.run("stack select new --create")).code).toBe(0);
    expect((await sandbox.run("stack --show-name")).out).toBe("new\n");
  });

  test("rm asks for the name, and refuses while there are resources", async () => {
    await withCliStack();
    expect((await sandbox.run("stack rm", { answers: ["wrong"] })).err).toBe("confirmation declined");
    expect((await sandbox.run("stack rm", { answers: ["cli"] })).err).toContain(
      "'cli' still has resources; removal rejected",
    );
    expect((await sandbox.run("stack rm --force --yes --preserve-config")).code).toBe(0);
    expect(existsSync(sandbox.path("Pulumi.cli.yaml"))).toBe(true);
    expect(existsSync(sandbox.path(".state", ".pulumi", "stacks", "fixture", "cli.json.bak"))).toBe(true);
  });
});

describe("a stack that the CLI made", () => {
  beforeEach(withCliStack);

  test("outputs, secrets only on demand", async () => {
    expect((await sandbox.run("stack output")).out).toBe(
      'Current stack outputs (3):\n    OUTPUT   VALUE\n    nested   [secret]\n    plain    {"a":[true,null],"b":1}\n    unicode  [secret]\n',
    );
    expect((await sandbox.run("stack output unicode --show-secrets")).out).toBe("grüße ☕\n");
    expect(JSON.parse((await sandbox.run("stack output --json --show-secrets")).out)).toMatchObject({
      nested: { user: "admin", password: 'hunter2 with "quotes"' },
    });
    expect((await sandbox.run("stack output plain --shell")).out).toBe(`plain='{"a":[true,null],"b":1}'\n`);
  });

  test("outputs without secrets need no passphrase", async () => {
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    expect((await sandbox.run("stack output plain")).code).toBe(0);
    expect((await sandbox.run("stack output nested --show-secrets")).err).toContain("passphrase must be set");
  });

  test("the summary shows the tree", async () => {
    expect((await sandbox.run("stack")).out).toContain(`    TYPE                      NAME
    pulumi:pulumi:Stack       fixture-cli
    └─ fixture:index:Comp     outer
       └─ fixture:index:Comp  inner
`);
  });

  test("export and import carry everything, secrets readable or not", async () => {
    const sealed = (await sandbox.run("stack export")).out;
    expect(sealed).not.toContain("hunter2");
    const open = (await sandbox.run("stack export --show-secrets")).out;
    expect(open).toContain("hunter2");
    await sandbox.run(["stack", "export", "--file", "out.json", "--show-secrets"]);
    expect(JSON.parse(await sandbox.read("out.json"))).toEqual(JSON.parse(open));
    expect((await sandbox.run("stack import --file out.json")).out).toBe("Import complete.\n");
    expect(await sandbox.read(".state", ".pulumi", "stacks", "fixture", "cli.json")).not.toContain("hunter2");
    expect((await sandbox.run("stack output unicode --show-secrets")).out).toBe("grüße ☕\n");
    expect((await sandbox.run("stack import", { input: sealed })).code).toBe(0);
    expect((await sandbox.run("stack output unicode --show-secrets")).out).toBe("grüße ☕\n");
  });

  test("an import of another stack's state needs --force", async () => {
    const other = (await sandbox.run("stack export")).out.replaceAll("urn:pulumi:cli::", "urn:pulumi:other::");
    const refused = await sandbox.run("stack import", { input: other });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain("is from a different stack (other != cli)");
    expect((await sandbox.run("stack import --force", { input: other })).code).toBe(0);
  });

  test("a corrupt state is told with its place and left as it is", async () => {
    const file = sandbox.path(".state", ".pulumi", "stacks", "fixture", "cli.json");
    await writeFile(file, '{"version":3,');
    for (const line of ["stack output", "stack ls", "preview", "up --yes", "destroy --yes", "stack export"]) {
      const outcome = await sandbox.run(line);
      expect(outcome.code).toBe(1);
      expect(outcome.err).toContain(`${file}:1:14 is not valid JSON`);
    }
    expect(await sandbox.read(".state", ".pulumi", "stacks", "fixture", "cli.json")).toBe('{"version":3,');
  });

  test("a wrong passphrase stops a run before it begins", async () => {
    process.env.PULUMI_CONFIG_PASSPHRASE = "wrong";
    for (const line of ["preview", "up --yes", "config get password"]) {
      expect((await sandbox.run(line)).err).toMatch(/^incorrect passphrase: .*PULUMI_CONFIG_PASSPHRASE/);
    }
  });

  test("locked by a run on this host, and freed by cancel", async () => {
    const folder = sandbox.path(".state", ".pulumi", "locks", "organization", "fixture", "cli");
    await mkdir(folder, { recursive: true });
    const owner = { pid: process.pid, username: "anna", hostname: os.hostname(), timestamp: new Date().toISOString() };
    await writeFile(path.join(folder, "x.json"), JSON.stringify(owner));
    const refused = await sandbox.run("up --yes");
    expect(refused.err).toContain("the stack is currently locked by 1 lock(s)");
    expect(refused.err).toContain(`created by anna@${os.hostname()} (pid ${process.pid})`);
    expect((await sandbox.run("cancel --yes")).out).toBe("The currently running update for 'cli' has been canceled!\n");
    expect((await sandbox.run("cancel cli --yes")).out).toBe("Stack 'cli' was not locked.\n");
  });
});

describe("runs are refused before anything happens", () => {
  beforeEach(() => sandbox.run("stack init dev"));

  test.each(["up", "destroy", "refresh", "up --json"])("`%s` without --yes where nobody can answer", async (line) => {
    expect(await sandbox.run(line)).toEqual({
      code: 2,
      out: "",
      err: "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
    });
  });

  test("a config that does not fit its declared types", async () => {
    await sandbox.write("Pulumi.yaml", "name: fixture\nruntime: nodejs\nconfig:\n  replicas: { type: integer }\n");
    expect((await sandbox.run("preview")).err).toContain("Stack 'dev' is missing configuration value 'replicas'");
    await sandbox.run("config set replicas three");
    expect((await sandbox.run("up --yes")).err).toContain(`must be of type 'integer': it is "three"`);
  });

  test("a backend that is no folder", async () => {
    process.env.PULUMI_BACKEND_URL = "s3://bucket";
    expect((await sandbox.run("preview")).err).toContain('the backend "s3://bucket" is not a file:// URL');
  });
});

test("outside a project", async () => {
  expect((await sandbox.run("preview --cwd /")).err).toContain(
    "no Pulumi.yaml project file found (searching upwards from /)",
  );
  expect((await sandbox.run("preview --cwd /does/not/exist")).err).toContain('there is no folder "/does/not/exist"');
});
