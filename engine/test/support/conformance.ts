/** A program of the conformance set, with a state of its own, driven by the embedded engine and by Pulumi's CLI in turns. */
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { Stored, StoredResource } from "./state-lines";

export type Engine = "embedded" | "cli";

const root = resolve(__dirname, "../../..");
const conformance = resolve(__dirname, "../conformance");

/** What `pulumi` on PATH answers, else undefined. */
export const cliVersion = ((): string | undefined => {
  try {
    return execFileSync("pulumi", ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
})();

/** `test` where there is a CLI; elsewhere one line says what was not run. */
export const testWithCli: jest.It = ((): jest.It => {
  if (cliVersion !== undefined) return test;
  process.stderr.write("no `pulumi` on PATH: what is tested against the real CLI in this file was not run\n");
  return test.skip;
})();

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr as a terminal shows them. */
  readonly output: string;
}

export class Conformance {
  readonly folder: string;
  readonly stack = "test";
  /** What the engines find in their environment besides. */
  readonly variables: Record<string, string> = {};
  /** What the engines were told, for a failure's message. */
  private readonly log: string[] = [];

  constructor(
    readonly program: string,
    /** Settings that hold for all steps. */
    private readonly settings: Readonly<Record<string, string>> = {},
  ) {
    // Built once, as `npm ci` does; a stale bundle would test yesterday's engine.
    buildOnce();
    this.folder = mkdtempSync(join(tmpdir(), `conformance-${program}-`));
    cpSync(join(conformance, "programs", program), this.folder, { recursive: true });
    const main = existsSync(join(this.folder, "scene.ts")) ? this.compile() : "index.ts";
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ name: program, main }));
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    mkdirSync(join(this.folder, "state"));
  }

  /** A scene is run many times, so it is compiled once, with what lies beside it. */
  private compile(): string {
    const main = "index.js";
    buildSync({
      entryPoints: [join(conformance, "programs", this.program, "index.ts")],
      outfile: join(this.folder, main),
      bundle: true,
      platform: "node",
      target: "node20",
      packages: "external",
    });
    return main;
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async init(engine: Engine): Promise<void> {
    await this.must(engine, "stack", "init", this.stack);
    for (const [key, value] of Object.entries(this.settings)) await this.set(key, value);
  }

  /** The next stage of the program. */
  async step(number: number): Promise<void> {
    await this.set("step", String(number));
  }

  /** `config set`, by the embedded engine, which is quicker. */
  async set(key: string, value: string, ...flags: string[]): Promise<void> {
    await this.must("embedded", "config", "set", ...flags, key, value);
  }

  async up(engine: Engine, ...flags: string[]): Promise<Ran> {
    return this.must(engine, "up", "--yes", "--skip-preview", ...flags);
  }

  async nothingToDo(engine: Engine): Promise<void> {
    await this.must(engine, "preview", "--expect-no-changes", "--diff");
  }

  async destroy(engine: Engine): Promise<void> {
    await this.must(engine, "destroy", "--yes", "--skip-preview");
    expect(this.resources).toEqual([]);
  }

  /** What one engine exports the other imports, and then has nothing to do. */
  async handOver(from: Engine, to: Engine): Promise<void> {
    const file = join(this.folder, `exported-by-${from}.json`);
    await this.must(from, "stack", "export", "--file", file);
    await this.must(to, "stack", "import", "--file", file);
    await this.nothingToDo(to);
  }

  private get stateFile(): string {
    return join(this.folder, "state/.pulumi/stacks", `conformance-${this.program}`, `${this.stack}.json`);
  }

  get exists(): boolean {
    return existsSync(this.stateFile);
  }

  /** The resources of the state file. */
  get resources(): readonly StoredResource[] {
    return this.latest.resources ?? [];
  }

  /** The state file's deployment. */
  get latest(): Stored {
    const { checkpoint } = JSON.parse(readFileSync(this.stateFile, "utf8")) as { checkpoint: { latest?: Stored } };
    return checkpoint.latest ?? {};
  }

  /** Every file below the state's folder, as one text: state, backups and history. */
  get written(): string {
    const folder = join(this.folder, "state");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("\n");
  }

  /** A file that a command wrote in the program's folder. */
  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** Runs a command, which has to succeed. */
  async must(engine: Engine, ...args: string[]): Promise<Ran> {
    const ran = await this.try(engine, ...args);
    if (ran.code !== 0) {
      const steps = this.log.join("\n  ");
      throw new Error(`${engine} ${args.join(" ")} ended with ${ran.code}, after\n  ${steps}\n${ran.output}`);
    }
    return ran;
  }

  try(engine: Engine, ...args: string[]): Promise<Ran> {
    this.log.push(`${engine} ${args.join(" ")}`);
    const file = engine === "cli" ? "pulumi" : process.execPath;
    const prefix = engine === "cli" ? [] : [join(root, "engine/dist/cli.js")];
    // `stack init NAME` takes no --stack.
    const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", this.stack];
    return new Promise((done, failed) => {
      const child = spawn(file, [...prefix, ...args, ...stack, "--non-interactive"], {
        cwd: this.folder,
        env: this.environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [stdout, output] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        output += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.once("error", failed);
      child.once("close", (code) => done({ code: code ?? -1, stdout, output }));
    });
  }

  private get environment(): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of the conformance set",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      NO_COLOR: "1",
      ...this.variables,
    };
    delete env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    delete env["PULUMI_STACK"];
    return env;
  }
}

let built = false;
function buildOnce(): void {
  if (built && existsSync(join(root, "engine/dist/cli.js"))) return;
  execFileSync(process.execPath, [join(root, "scripts/build.mjs")], { stdio: "inherit" });
  built = true;
}
