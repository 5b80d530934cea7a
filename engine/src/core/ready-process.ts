/** The process of the program, before it knows what it is to run. */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import type { DeploymentOptions, ProgramProcess } from "../model";
import { programArguments, waitingArguments } from "./node-arguments";

/** @throws Error when the program's folder has no @pulumi/pulumi. */
export function resolveFromProgram(programFolder: string, module: string): string {
  try {
    return createRequire(join(programFolder, "package.json")).resolve(module);
  } catch {
    throw new Error(`cannot find ${module} from ${programFolder}: install the program's dependencies there (npm ci)`);
  }
}

/** The folder to run in and the entry point relative to it, as Pulumi derives them from `main`. */
export function entryPoint(programFolder: string, main: string): { folder: string; program: string } {
  const path = join(programFolder, main);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return { folder: path, program: "." };
  return { folder: dirname(path), program: basename(path) };
}

/** Loads what every program needs, and waits to be told which to run and how (see program/ready.mjs). */
export class ReadyProcess implements ProgramProcess {
  readonly closed: ProgramProcess["closed"];

  private constructor(
    readonly child: ProgramProcess["child"],
    private readonly orders: Writable,
  ) {
    this.closed = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve([code, signal]));
    });
    // Whoever waits for it hears of it; nobody has to, and the orders of one that has ended need not arrive.
    this.closed.catch(() => undefined);
    orders.on("error", () => undefined);
  }

  /** @throws Error when the program's folder has no @pulumi/pulumi. */
  static start(options: Pick<DeploymentOptions, "programFolder" | "main" | "debug" | "runtime">): ReadyProcess {
    const { programFolder, main, debug = false, runtime } = options;
    const runner = resolveFromProgram(programFolder, "@pulumi/pulumi/cmd/run");
    const args = [...(runtime?.nodeArguments ?? []), ...programArguments(debug), ...waitingArguments(), runner];
    const child = spawn(process.execPath, args, {
      cwd: entryPoint(programFolder, main).folder,
      env: process.env,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // Ctrl-C on the terminal is the engine's to answer.
      detached: true,
    });
    return new ReadyProcess(child as ProgramProcess["child"], child.stdio[3] as Writable);
  }

  run(args: readonly string[], env: Readonly<Record<string, string>>): void {
    // A line, not the end of the stream: that is sent only when this process has nothing else to do.
    this.orders.end(`${JSON.stringify({ args, env })}\n`);
  }

  /** One that was told nothing ends. */
  dispose(): void {
    this.orders.end();
  }
}
