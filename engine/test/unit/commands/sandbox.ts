import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import type { Terminal } from "../../../src/commands/context";
import { run, understand } from "../../../src/commands/run";
import { AlreadyReported, Failure } from "../../../src/failure";

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** A project in a folder of its own, with commands run in it as the command line does. */
export class Sandbox {
  private readonly saved = { cwd: process.cwd(), env: { ...process.env } };

  private constructor(readonly folder: string) {}

  static async make(pulumiYaml = "name: shop\nruntime: nodejs\n"): Promise<Sandbox> {
    const sandbox = new Sandbox(await mkdtemp(path.join(os.tmpdir(), "sandbox-")));
    await sandbox.write("Pulumi.yaml", pulumiYaml);
    // Types of test programs are checked where a test is about that: it takes seconds.
    process.env.PULUMI_NODEJS_TRANSPILE_ONLY = "true";
    process.env.PULUMI_HOME = path.join(sandbox.folder, "home");
    for (const name of ["BACKEND_URL", "STACK", "CONFIG_PASSPHRASE", "CONFIG_PASSPHRASE_FILE", "SKIP_CONFIRMATIONS"]) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[`PULUMI_${name}`];
    }
    return sandbox;
  }

  async close(): Promise<void> {
    process.chdir(this.saved.cwd);
    process.env = this.saved.env;
    await rm(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  read(...parts: string[]): Promise<string> {
    return readFile(this.path(...parts), "utf8");
  }

  write(name: string, content: string): Promise<void> {
    return writeFile(this.path(name), content);
  }

  /** Runs a command; a string is split at spaces. */
  async run(
    words: string | string[],
    { input, answers }: { input?: string; answers?: string[] } = {},
  ): Promise<Outcome> {
    const outcome: Outcome = { code: 0, out: "", err: "" };
    const terminal: Terminal = {
      out: (text) => void (outcome.out += text),
      err: (text) => void (outcome.err += text),
      readInput: () => Promise.resolve(input),
      ask: (question) => {
        outcome.out += question;
        return Promise.resolve(answers?.shift() ?? "");
      },
      interactive: answers !== undefined,
      screen: { write: (text) => void (outcome.out += text), size: undefined, colour: false },
    };
    process.chdir(this.folder);
    try {
      const line = typeof words === "string" ? words.split(" ") : words;
      outcome.code = await run(understand(line), terminal);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      outcome.code = error.exitCode;
      if (!(error instanceof AlreadyReported)) outcome.err += error.message;
    }
    return outcome;
  }
}
