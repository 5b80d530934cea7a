/** A small program with state of its own, driven on the command line as a user does: by the embedded engine, or by the real CLI. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");
const embedded = [process.execPath, join(root, "engine/dist/cli.js")] as const;

export interface Ran {
  readonly code: number;
  /** stdout and stderr, as a terminal shows them. */
  readonly output: string;
}

export class CliProject {
  readonly folder = mkdtempSync(join(tmpdir(), "engine-test-"));
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(readonly stack: string) {
    mkdirSync(join(this.folder, "state"));
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ name: "program", main: "index.ts" }));
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: engine-test\nruntime: nodejs\n");
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    this.environment = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
    delete this.environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  }

  /** Makes the stack; nothing is deployed. */
  static async create(stack: string, program: string): Promise<CliProject> {
    const project = new CliProject(stack);
    project.write(program);
    const { code, output } = await project.engine(["stack", "init", stack]);
    if (code !== 0) throw new Error(`stack init ended with ${code}:\n${output}`);
    return project;
  }

  /** @param files by their paths in the program's folder */
  write(program: string, files: Readonly<Record<string, string>> = {}): void {
    for (const [path, content] of Object.entries({ ...files, "index.ts": program })) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), content);
    }
  }

  /** The state, as it is stored. */
  state(): string {
    return readFileSync(join(this.folder, `state/.pulumi/stacks/engine-test/${this.stack}.json`), "utf8");
  }

  /** Runs a command of the embedded engine on the stack, whatever comes of it. */
  engine(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.run([...embedded, ...args], more);
  }

  /** The same by the real CLI, which has to be on PATH. */
  cli(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.run(["pulumi", ...args, "--non-interactive"], more);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private run([file = "", ...args]: readonly string[], more: NodeJS.ProcessEnv): Promise<Ran> {
    return new Promise((done, failed) => {
      const child = spawn(file, args, {
        cwd: this.folder,
        env: { ...this.environment, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (part: Buffer) => (output += part.toString()));
      child.once("error", failed);
      child.once("close", (code) => done({ code: code ?? -1, output }));
    });
  }
}
