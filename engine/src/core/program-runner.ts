/** Runs the Pulumi program with the runner that its own copy of @pulumi/pulumi brings along. */
import { spawn, type ChildProcess } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { DeploymentOptions } from "../model";
import { programArguments } from "./node-arguments";

/** The SDK's way to say: this failed, and the user has been told why. */
const EXIT_ALREADY_LOGGED = 32;
/** A program that was told that the monitor is gone gets this long to end by itself. */
const EXIT_GRACE_MS = 1_500;
const KILL_GRACE_MS = 2_000;

export interface ProgramRun {
  readonly options: DeploymentOptions;
  readonly preview: boolean;
  /** `host:port` of the monitor and engine services. */
  readonly address: string;
  /** Aborted: the program is to end. */
  readonly stopSignal: AbortSignal;
  readonly onOutput: (stream: "stdout" | "stderr", line: string) => void;
}

/** How the program ended: `completed` only when it ran to its end and everything it asked for was registered. */
export type ProgramEnd = { kind: "completed" | "logged" | "stopped" } | { kind: "crashed"; reason: string };

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

/** The environment in which the SDK finds its own settings. */
export function programEnvironment(options: DeploymentOptions): Record<string, string | undefined> {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(options.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretConfigKeys),
    PULUMI_NODEJS_TYPESCRIPT: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
    PULUMI_NODEJS_ORGANIZATION: options.organization,
    PULUMI_NODEJS_PROJECT: options.project,
    PULUMI_NODEJS_STACK: options.stack,
    PULUMI_NODEJS_ROOT_DIRECTORY: options.programFolder,
  };
}

export async function runProgram({ options, preview, address, stopSignal, onOutput }: ProgramRun): Promise<ProgramEnd> {
  const runner = resolveFromProgram(options.programFolder, "@pulumi/pulumi/cmd/run");
  const { folder, program } = entryPoint(options.programFolder, options.main);
  const flags = {
    monitor: address,
    engine: address,
    organization: options.organization,
    project: options.project,
    "root-directory": options.programFolder,
    stack: options.stack,
    pwd: folder,
    parallel: String(options.parallel),
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const child = spawn(
    process.execPath,
    [...programArguments(options.debug ?? false), runner, ...args, ...(preview ? ["--dry-run"] : []), program],
    {
      cwd: folder,
      env: programEnvironment(options),
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C on the terminal is the engine's to answer.
      detached: true,
    },
  );
  createInterface({ input: child.stdout }).on("line", (line) => onOutput("stdout", line));
  createInterface({ input: child.stderr }).on("line", (line) => onOutput("stderr", line));
  const stop = (): void => void endSoon(child);
  if (stopSignal.aborted) stop();
  else stopSignal.addEventListener("abort", stop, { once: true });
  try {
    const [code, signal] = await closed(child);
    if (stopSignal.aborted) return { kind: "stopped" };
    if (code === 0) return { kind: "completed" };
    if (code === EXIT_ALREADY_LOGGED) return { kind: "logged" };
    return { kind: "crashed", reason: signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}` };
  } finally {
    stopSignal.removeEventListener("abort", stop);
  }
}

/** Resolves when the process has ended and all that it printed has been read. */
function closed(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve([code, signal]));
  });
}

async function endSoon(child: ChildProcess): Promise<void> {
  await exitedWithin(child, EXIT_GRACE_MS);
  await killAfter(child, KILL_GRACE_MS);
}

/** Ends a process: first kindly, and after the grace by force. Resolves when it is gone. */
export async function killAfter(child: ChildProcess, graceMs: number): Promise<void> {
  if (hasExited(child)) return;
  child.kill("SIGTERM");
  if (await exitedWithin(child, graceMs)) return;
  child.kill("SIGKILL");
  await exitedWithin(child, graceMs);
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function exitedWithin(child: ChildProcess, limitMs: number): Promise<boolean> {
  if (hasExited(child)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
