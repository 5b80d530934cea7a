/** The autoscaler as a user starts it, and the log of decisions that it leaves. */
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { TestStack } from "../../lab/driver/stack";

export interface Logged {
  time: string;
  kind: "begin" | "end" | "waiting" | "decision" | "up";
  current: number;
  replicas: number;
  recommendation?: number;
  reason: string;
  acts: boolean;
  wishes: { metric: string; value?: number; replicas?: number; missing?: string }[];
  from: number;
  to: number;
  seconds: number;
  outcome: string;
}

export class RunningAutoscaler implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly ended: Promise<number>;
  output = "";

  constructor(
    private readonly stack: TestStack,
    ...args: string[]
  ) {
    const script = path.resolve(__dirname, "../../scripts/run.mjs");
    this.child = spawn(process.execPath, [script, "ops/autoscale", "--stack", stack.name, ...args], {
      env: stack.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => this.child.once("close", (code) => resolve(code ?? 1)));
  }

  /** The log of this stack's decisions so far, of earlier autoscalers too. */
  log(): Logged[] {
    const file = path.join(this.stack.folder, "autoscaler", `${this.stack.name}.jsonl`);
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Logged);
  }

  /** SIGTERM, as systemd sends it; its exit code. */
  end(): Promise<number> {
    this.child.kill("SIGTERM");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
