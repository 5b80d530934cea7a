/** Starts a provider's process, reads its port from the first line that it prints, and ends it. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { killAfter } from "./program-runner";

/** Time for a provider to print its port; loading a big program's node_modules from a cold disk takes some. */
const START_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 2_000;

export interface ProviderCommand {
  readonly label: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (stream: "stdout" | "stderr", line: string) => void;
}

export class ProviderProcess {
  private child: ChildProcess | undefined;
  private stopped = false;

  constructor(private readonly command: ProviderCommand) {}

  /** @returns the port on 127.0.0.1. @throws Error with the end of its stderr when it does not come up. */
  start(): Promise<number> {
    const { label, file, args, folder, environment, onOutput } = this.command;
    if (this.stopped) return Promise.reject(new Error(`${label} was stopped before it started`));
    // A process group of its own: Ctrl-C on the terminal is the engine's to answer, or a call would die in its middle.
    const child = spawn(file, args, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.child = child;
    return new Promise((resolve, reject) => {
      const complaints: string[] = [];
      const fail = (reason: string): void =>
        reject(new Error([`${label} did not start: ${reason}`, ...complaints.slice(-20)].join("\n")));
      const timer = setTimeout(() => fail(`no port within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      let port: number | undefined;
      child.once("error", (error) => fail(error.message));
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        fail(`it exited with ${signal ?? code ?? "nothing"}`);
      });
      createInterface({ input: child.stdout }).on("line", (line) => {
        if (port === undefined && /^\d+$/.test(line.trim())) {
          port = Number(line);
          clearTimeout(timer);
          resolve(port);
        } else onOutput("stdout", line);
      });
      createInterface({ input: child.stderr }).on("line", (line) => {
        complaints.push(line);
        onOutput("stderr", line);
      });
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.child) await killAfter(this.child, STOP_GRACE_MS);
  }
}
