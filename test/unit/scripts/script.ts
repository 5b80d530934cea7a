import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export const root = join(__dirname, "..", "..", "..");

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder with a `bin` that comes first on PATH; the scripts meet fakes of `docker` and `pulumi` there. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "scripts-test-"));
  private readonly bin = join(this.folder, "bin");

  constructor() {
    mkdirSync(this.bin);
  }

  /** Puts a program on PATH, written in JavaScript (CommonJS). */
  fake(name: string, source: string): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!${process.execPath}\n${source}\n`);
    chmodSync(file, 0o755);
  }

  write(name: string, content: string): string {
    const file = join(this.folder, name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** The scripts' environment: ours without what would change the outcome. */
  environment(added: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
    return {
      ...Object.fromEntries(kept),
      PATH: `${this.bin}${delimiter}${process.env.PATH ?? ""}`,
      PULUMI_HOME: join(this.folder, "pulumi-home"),
      ...added,
    };
  }

  run(script: string, args: string[], env: NodeJS.ProcessEnv = {}, cwd = this.folder): Result {
    const file = join(root, "scripts", script);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      cwd,
      env: this.environment(env),
      encoding: "utf8",
      timeout: 300_000,
    });
    return { code: status, stdout, stderr };
  }

  start(script: string, args: string[], env: NodeJS.ProcessEnv = {}): ReturnType<typeof spawn> {
    const file = join(root, "scripts", script);
    return spawn(process.execPath, [file, ...args], { cwd: this.folder, env: this.environment(env) });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const calling = (module: string, name: string, args: unknown[]): string[] => [
  "--input-type=module",
  "-e",
  `const { ${name}: subject } = await import(${JSON.stringify(join(root, "scripts", "lib", module))});
    let answer;
    try { answer = { value: await subject(...${JSON.stringify(args)}) }; } catch (error) { answer = { value: { error: error.message } }; }
    process.stdout.write(JSON.stringify(answer));`,
];

function answered(stdout: string, stderr: string): unknown {
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { value?: unknown }).value;
}

/**
 * Calls an export of a module under scripts/lib in a Node of its own (jest runs CommonJS, the scripts are ES modules).
 * An error becomes `{ error: message }`.
 */
export function call(module: string, name: string, ...args: unknown[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, calling(module, name, args), { encoding: "utf8" });
  return answered(stdout, stderr);
}

/** The same, while this process goes on: for what talks to it. */
export async function callAsync(module: string, name: string, ...args: unknown[]): Promise<unknown> {
  const child = spawn(process.execPath, calling(module, name, args));
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (text) => (said[stream] += String(text)));
  await new Promise((done, failed) => child.once("error", failed).once("close", done));
  return answered(said.stdout, said.stderr);
}
