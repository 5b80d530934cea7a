import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { call, Sandbox } from "./script";

/** A stand-in of Pulumi's CLI: says its version, else what it was called with. */
const fakeCli = `
const args = process.argv.slice(2);
if (args[0] === "version") { console.log("v3.999.0"); process.exit(0); }
console.log(JSON.stringify({ args, backend: process.env.PULUMI_BACKEND_URL, passphraseFile: process.env.PULUMI_CONFIG_PASSPHRASE_FILE }));
process.exit(args.includes("fail") ? 7 : 0);`;

interface Called {
  args: string[];
  backend: string;
  passphraseFile?: string;
}

describe("npm run pulumi", () => {
  let sandbox: Sandbox;
  let backend: NodeJS.ProcessEnv;

  beforeEach(() => {
    sandbox = new Sandbox();
    backend = { PULUMI_BACKEND_URL: `file://${sandbox.folder}/state` };
    sandbox.write("Pulumi.yaml", "name: demo\nruntime: nodejs\n");
    sandbox.write("state/.keep", "");
  });
  afterEach(() => sandbox.remove());

  const state = (name: string): string => join(sandbox.folder, "state", name);

  it("takes the CLI that is on PATH, says so on stderr, and passes arguments and exit status on", () => {
    sandbox.fake("pulumi", fakeCli);
    const result = sandbox.run("pulumi.mjs", ["up", "-y", "fail"], backend);
    expect(result.stderr).toBe("engine: cli v3.999.0\n");
    expect((JSON.parse(result.stdout) as Called).args).toEqual(["up", "-y", "fail"]);
    expect(result.code).toBe(7);
  });

  it.each([
    ["preview", "--json"],
    ["stack", "output", "url"],
  ])("keeps stderr empty for %s %s", (...args) => {
    sandbox.fake("pulumi", fakeCli);
    expect(sandbox.run("pulumi.mjs", args, backend).stderr).toBe("");
  });

  it("makes a passphrase once, beside the state, for the owner alone", () => {
    sandbox.fake("pulumi", fakeCli);
    const passphrase = (): string => {
      const { stdout } = sandbox.run("pulumi.mjs", ["preview"], backend);
      expect((JSON.parse(stdout) as Called).passphraseFile).toBe(state("passphrase"));
      return readFileSync(state("passphrase"), "utf8");
    };
    const first = passphrase();
    expect(first.length).toBeGreaterThan(30);
    expect(statSync(state("passphrase")).mode & 0o777).toBe(0o600);
    expect(passphrase()).toBe(first);
  });

  it("makes up no passphrase for a stack that exists: it could not open it", () => {
    sandbox.fake("pulumi", fakeCli);
    sandbox.write("state/.pulumi/stacks/demo/dev.json", "{}");
    const { stdout } = sandbox.run("pulumi.mjs", ["preview"], backend);
    expect((JSON.parse(stdout) as Called).passphraseFile).toBeUndefined();
  });

  it("leaves a passphrase and a backend that are set alone", () => {
    sandbox.fake("pulumi", fakeCli);
    const env = { ...backend, PULUMI_CONFIG_PASSPHRASE: "" };
    const called = JSON.parse(sandbox.run("pulumi.mjs", ["preview"], env).stdout) as Called;
    expect(called.passphraseFile).toBeUndefined();
    expect(called.backend).toBe(backend.PULUMI_BACKEND_URL);
  });

  it("records who changed a stack, lets the other engine take it over, and then stays with that one", () => {
    sandbox.fake("pulumi", fakeCli);
    sandbox.run("pulumi.mjs", ["up", "--stack", "dev"], backend);
    expect(JSON.parse(readFileSync(state("engine"), "utf8"))).toEqual({
      "demo/dev": { engine: "cli", version: "v3.999.0" },
    });
    const asked = { ...backend, PULUMI_ENGINE: "embedded" };
    const other = sandbox.run("pulumi.mjs", ["up", "-y", "-s", "dev"], asked);
    expect(other.stderr).toMatch(/^engine: embedded \S+, after cli v3\.999\.0\n/);
    // The stand-in made no stack, so there is none to update; that the engine was let to try is the point.
    expect(other.stderr).toContain("no stack named 'dev' found");
    const back = sandbox.run("pulumi.mjs", ["up", "-y", "-s", "dev"], backend);
    expect(back.stderr).toMatch(/^engine: embedded \S+\n/);
    const again = sandbox.run("pulumi.mjs", ["up", "-y", "-s", "dev"], { ...backend, PULUMI_ENGINE: "cli" });
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^engine: cli v3\.999\.0, after embedded/) as string,
    });
  });

  it("says what PULUMI_ENGINE can be", () => {
    const { code, stderr } = sandbox.run("pulumi.mjs", ["preview"], { ...backend, PULUMI_ENGINE: "go" });
    expect(code).toBe(1);
    expect(stderr).toContain('PULUMI_ENGINE is "go": it can be "cli" (Pulumi\'s own, from PATH) or "embedded"');
  });

  it("passes an interrupt on once, and waits for the engine to end by itself", async () => {
    sandbox.fake(
      "pulumi",
      `if (process.argv[2] === "version") { console.log("v3.999.0"); process.exit(0); }
       let count = 0;
       process.on("SIGINT", () => { count += 1; setTimeout(() => { console.log("interrupts: " + count); process.exit(3); }, 600); });
       setInterval(() => {}, 1000);
       console.log("ready");`,
    );
    const child = sandbox.start("pulumi.mjs", ["up"], backend);
    let output = "";
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.stdout?.on("data", (text: Buffer) => {
      output += text.toString();
      if (output !== "ready\n") return;
      // as npm does: what the group got is repeated
      child.kill("SIGINT");
      child.kill("SIGINT");
    });
    expect(await ended).toBe(3);
    expect(output).toContain("interrupts: 1");
  });
});

describe("choice of the engine", () => {
  const choose = (given: Record<string, unknown>): Promise<unknown> => call("engine-choice.mjs", "choose", given);

  it.each([
    [{ cliVersion: "v3" }, "cli"],
    [{}, "embedded"],
    [{ asked: "embedded", cliVersion: "v3" }, "embedded"],
    [{ recorded: "embedded", cliVersion: "v3" }, "embedded"],
    [{ recorded: "cli", cliVersion: "v3" }, "cli"],
    [{ asked: "cli", recorded: "embedded", cliVersion: "v3" }, "cli"],
    [{ asked: "embedded", recorded: "cli", cliVersion: "v3" }, "embedded"],
    [{ recorded: "cli" }, "embedded"],
  ])("%j → %s", async (given, engine) => expect(await choose(given)).toBe(engine));

  it("never takes another one than it is asked for", async () => {
    expect(await choose({ asked: "cli" })).toEqual({
      error: expect.stringContaining("no `pulumi` on PATH") as unknown,
    });
  });
});

describe("Pulumi's arguments", () => {
  const read = (...args: string[]): Promise<unknown> => call("pulumi-arguments.mjs", "readArguments", args);

  it("finds folder, stack and words wherever they are", async () => {
    expect(await read("-C", "other", "stack", "output", "--stack=prod", "url")).toMatchObject({
      words: ["stack", "output", "url"],
      cwd: "other",
      stack: "prod",
      quiet: true,
    });
    expect(await read("config", "set", "k", "--", "-1")).toMatchObject({ words: ["config", "set", "k"], quiet: false });
  });

  it("knows a stack by each of its names", async () => {
    for (const name of ["dev", "organization/dev", "organization/demo/dev"]) {
      expect(await call("pulumi-arguments.mjs", "stackKey", name, "demo")).toBe("demo/dev");
    }
  });
});
