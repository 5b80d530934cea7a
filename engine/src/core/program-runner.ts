/** Runs the Pulumi program with the runner that its own copy of @pulumi/pulumi brings along. */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { DeploymentOptions } from "../model";
import { entryPoint, ReadyProcess } from "./ready-process";

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

/** The settings that the SDK finds in its environment. */
function sdkSettings(options: DeploymentOptions): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(options.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretConfigKeys),
    PULUMI_NODEJS_TYPESCRIPT: String(options.runtime?.typescript ?? true),
    ...(options.runtime?.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.runtime.tsconfig }),
    // The second: types are checked unless it is known that they were (see program/checked-types.mjs).
    PULUMI_NODEJS_TRANSPILE_ONLY:
      process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? (options.checkTypes === true ? "unless-checked" : "true"),
    PULUMI_NODEJS_ORGANIZATION: options.organization,
    PULUMI_NODEJS_PROJECT: options.project,
    PULUMI_NODEJS_STACK: options.stack,
    PULUMI_NODEJS_ROOT_DIRECTORY: options.programFolder,
  };
}

/** The environment in which the SDK finds its own settings. */
export const programEnvironment = (options: DeploymentOptions): Record<string, string | undefined> => ({
  ...process.env,
  ...sdkSettings(options),
});

export async function runProgram({ options, preview, address, stopSignal, onOutput }: ProgramRun): Promise<ProgramEnd> {
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
  const ready = options.takeProcess?.() ?? ReadyProcess.start(options);
  ready.run([...args, ...(preview ? ["--dry-run"] : []), program], sdkSettings(options));
  const { child } = ready;
  createInterface({ input: child.stdout }).on("line", (line) => onOutput("stdout", line));
  createInterface({ input: child.stderr }).on("line", (line) => onOutput("stderr", line));
  const stop = (): void => void endSoon(child);
  if (stopSignal.aborted) stop();
  else stopSignal.addEventListener("abort", stop, { once: true });
  try {
    const [code, signal] = await ready.closed;
    if (stopSignal.aborted) return { kind: "stopped" };
    if (code === 0) return { kind: "completed" };
    if (code === EXIT_ALREADY_LOGGED) return { kind: "logged" };
    return { kind: "crashed", reason: signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}` };
  } finally {
    stopSignal.removeEventListener("abort", stop);
  }
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
