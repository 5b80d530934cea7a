/** The stack, by the same command that a person uses: the only way in which anything is changed. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { monotonicMs } from "../../services/kit/clock";
import { reason } from "../../services/kit/log";
import { type AutoscaleSettings, readAutoscale, REPLICAS_VARIABLE } from "../../settings/autoscale";

/** What the stack last ran, from its outputs. */
export type Facts =
  | { replicas: number; settings: AutoscaleSettings }
  /** Nothing to scale: what to do about it. */
  | { absent: string }
  /** It could not be told, this time: nothing follows from it. */
  | { unknown: string };

export interface UpResult {
  outcome: "done" | "failed" | "busy";
  /** The last lines of what it said. */
  said: string;
}

export interface Stack {
  /** @param fresh whatever was read before, ask again */
  read(fresh?: boolean): Promise<Facts>;
  up(replicas: number): Promise<UpResult>;
  /** Asks an `up` that is under way to stop in the middle. */
  interrupt(): void;
}

/** How long outputs are believed where no file shows that they changed. */
const BELIEVED_MS = 60_000;
const SAID_LINES = 15;
/** How long reading the outputs may take. */
const READ_MS = 120_000;

export class PulumiStack implements Stack {
  private last: { facts: Facts; at: number; stamp: string | undefined } | undefined;
  private child: ReturnType<typeof spawn> | undefined;

  constructor(
    private readonly name: string,
    /** scripts/pulumi.mjs, which chooses the engine. */
    private readonly script: string,
    /** The stack's state, where it is a file: its time of change tells when to ask again. */
    private readonly stateFile: string | undefined,
  ) {}

  async read(fresh = false): Promise<Facts> {
    const stamp = this.stamp();
    const { last } = this;
    if (!fresh && last !== undefined && last.stamp === stamp && monotonicMs() - last.at < BELIEVED_MS)
      return last.facts;
    const args = ["stack", "output", "--json", "--stack", this.name];
    const { code, stdout, said } = await this.run(args, {}, READ_MS);
    const facts =
      code === 0 ? factsOf(this.name, stdout) : /no stack named/.test(said) ? { absent: said } : { unknown: said };
    this.last = "unknown" in facts ? undefined : { facts, at: monotonicMs(), stamp };
    return facts;
  }

  async up(replicas: number): Promise<UpResult> {
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", this.name];
    const { code, said } = await this.run(args, { [REPLICAS_VARIABLE]: String(replicas) });
    this.last = undefined;
    if (code === 0) return { outcome: "done", said };
    return { outcome: /stack is currently locked/.test(said) ? "busy" : "failed", said };
  }

  /** The script alone is told: it passes the signal on to the engine, once. Told as a group, the engine would have it twice. */
  interrupt(): void {
    this.child?.kill("SIGINT");
  }

  private stamp(): string | undefined {
    if (this.stateFile === undefined) return undefined;
    try {
      const { mtimeMs = 0, size = 0 } = fs.statSync(this.stateFile, { throwIfNoEntry: false }) ?? {};
      return `${mtimeMs} ${size}`;
    } catch (error) {
      return reason(error);
    }
  }

  /** In a process group of its own: a Ctrl-C that ends the autoscaler lets the `up` finish. */
  private run(
    args: string[],
    env: NodeJS.ProcessEnv = {},
    limitMs?: number,
  ): Promise<{ code: number; stdout: string; said: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.script, ...args], {
        cwd: path.dirname(path.dirname(this.script)),
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      let timer: NodeJS.Timeout | undefined;
      // First: where no more files can be opened there are no pipes, and only this is told.
      child.once("error", (error) => {
        clearTimeout(timer);
        this.child = undefined;
        reject(error);
      });
      this.child = child;
      const kill = () => {
        all += `\nno end after ${(limitMs ?? 0) / 1000} s`;
        killGroup(child.pid);
      };
      if (limitMs !== undefined) timer = setTimeout(kill, limitMs);
      let stdout = "";
      let all = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        all = (all + text).slice(-100_000);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => (all = (all + text).slice(-100_000)));
      child.once("close", (code) => {
        clearTimeout(timer);
        this.child = undefined;
        resolve({ code: code ?? 1, stdout, said: all.trim().split("\n").slice(-SAID_LINES).join("\n") });
      });
    });
  }
}

/** The script and the engine that it runs. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // they have ended
  }
}

const stackOutputs = z.object({ replicas: z.unknown(), autoscale: z.unknown() });

/** Validated by the very reader that the program has: another clone's program may have written them. */
export function factsOf(stack: string, json: string): Facts {
  const outputs = outputsOf(json);
  if (outputs === undefined) return { unknown: `the outputs of stack ${stack} cannot be read: ${json.slice(0, 200)}` };
  if (typeof outputs.replicas !== "number") return { absent: `stack ${stack} is not deployed` };
  if (outputs.autoscale === undefined) {
    return {
      absent: `stack ${stack} last ran without autoscale: set autoscale, remove wordpressReplicas, and run \`up\``,
    };
  }
  const problems: string[] = [];
  const settings = readAutoscale(JSON.stringify(outputs.autoscale), (key, got, allowed) =>
    problems.push(`${key} is ${got}: ${allowed}`),
  );
  if (settings === undefined)
    return { absent: `stack ${stack}'s output autoscale cannot be used: ${problems.join("; ")}` };
  return { replicas: outputs.replicas, settings };
}

function outputsOf(json: string): z.infer<typeof stackOutputs> | undefined {
  try {
    return stackOutputs.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
