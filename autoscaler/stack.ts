/** The stack, by the same command that a person uses: the only way in which anything is changed. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type AutoscaleSettings, readAutoscale, REPLICAS_VARIABLE } from "../autoscale-settings";

/** What the stack last ran, from its outputs. */
export type Facts =
  | { replicas: number; settings: AutoscaleSettings }
  /** Nothing to scale: what to do about it. */
  | { absent: string };

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
    if (!fresh && last !== undefined && last.stamp === stamp && Date.now() - last.at < BELIEVED_MS) return last.facts;
    const { code, stdout, said } = await this.run(["stack", "output", "--json", "--stack", this.name]);
    const facts = code === 0 ? factsOf(this.name, stdout) : { absent: said };
    this.last = { facts, at: Date.now(), stamp };
    return facts;
  }

  async up(replicas: number): Promise<UpResult> {
    const args = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", this.name];
    const { code, said } = await this.run(args, { [REPLICAS_VARIABLE]: String(replicas) });
    this.last = undefined;
    if (code === 0) return { outcome: "done", said };
    return { outcome: /stack is currently locked/.test(said) ? "busy" : "failed", said };
  }

  interrupt(): void {
    if (this.child?.pid !== undefined) process.kill(-this.child.pid, "SIGINT");
  }

  private stamp(): string | undefined {
    if (this.stateFile === undefined) return undefined;
    const { mtimeMs = 0, size = 0 } = fs.statSync(this.stateFile, { throwIfNoEntry: false }) ?? {};
    return `${mtimeMs} ${size}`;
  }

  /** In a process group of its own: a Ctrl-C that ends the autoscaler lets the `up` finish. */
  private run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; stdout: string; said: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [this.script, ...args], {
        cwd: path.dirname(path.dirname(this.script)),
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      this.child = child;
      let stdout = "";
      let all = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        all = (all + text).slice(-100_000);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => (all = (all + text).slice(-100_000)));
      child.once("error", reject);
      child.once("close", (code) => {
        this.child = undefined;
        resolve({ code: code ?? 1, stdout, said: all.trim().split("\n").slice(-SAID_LINES).join("\n") });
      });
    });
  }
}

/** Validated by the very reader that the program has: another clone's program may have written them. */
export function factsOf(stack: string, json: string): Facts {
  const outputs = JSON.parse(json) as { replicas?: unknown; autoscale?: unknown };
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
