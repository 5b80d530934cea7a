import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { callScript } from "../../../lab/driver/script-call";

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

/** Calls an export of a module of scripts/lib. An error becomes `{ error: message }`. */
export async function call(module: string, name: string, ...args: unknown[]): Promise<unknown> {
  const { value, error } = await callScript(module, name, args);
  return error === undefined ? value : { error };
}
