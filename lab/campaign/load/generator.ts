import * as http from "node:http";
import { nowMs } from "./clock";
import { exchange, type Outcome } from "./exchange";
import { planned, type Connection } from "./plan";

/** Above this nothing is sent; what is due is counted as an error. */
const MOST_IN_FLIGHT = 3_000;

export interface LoadOptions {
  /** On 127.0.0.1. */
  port: number;
  /** Requests a second. */
  rate: number;
  /** Begins each nonce; no two loads of a run may have the same. */
  prefix: string;
}

/**
 * Sends requests by the clock, whatever becomes of them: an open loop, so that a site that stalls is asked as often as one that does not,
 * and the time a request waits counts (no coordinated omission).
 * INVARIANT: request number n is due at `beganMs + n / rate`, and is sent then or, where this process was late, at once.
 */
export class Load {
  private readonly flying = new Map<string, Promise<void>>();
  private readonly agents = new Map<string, http.Agent>();
  private readonly beganMs = nowMs();
  private sent = 0;
  private timer: NodeJS.Timeout | undefined;
  /** In the order in which they ended. */
  readonly outcomes: Outcome[] = [];

  constructor(private readonly options: LoadOptions) {
    this.tick();
  }

  get errors(): number {
    return this.outcomes.filter(({ problem }) => problem !== undefined).length;
  }

  /** Sends no more, and waits for the answers that are due. */
  async stop(): Promise<Outcome[]> {
    clearTimeout(this.timer);
    await Promise.all(this.flying.values());
    for (const agent of this.agents.values()) agent.destroy();
    return this.outcomes;
  }

  private tick(): void {
    const { rate } = this.options;
    for (; this.dueMs(this.sent) <= nowMs(); this.sent += 1) this.send(this.sent);
    this.timer = setTimeout(() => this.tick(), Math.max(0, Math.min(1000 / rate, this.dueMs(this.sent) - nowMs())));
  }

  private dueMs(index: number): number {
    return this.beganMs + (index * 1000) / this.options.rate;
  }

  private send(index: number): void {
    const { port, rate, prefix } = this.options;
    const plan = planned(index, rate);
    const nonce = `${prefix}-${index}`;
    const dueMs = this.dueMs(index);
    if (this.flying.size >= MOST_IN_FLIGHT) {
      const problem = { kind: "not-sent", detail: `${MOST_IN_FLIGHT} in flight` } as const;
      this.outcomes.push({ nonce, planned: plan, dueMs, endMs: nowMs(), reused: false, problem });
      return;
    }
    const done = exchange(port, this.agentFor(plan.connection, plan.client), nonce, plan, dueMs).then((outcome) => {
      this.flying.delete(nonce);
      this.outcomes.push(outcome);
    });
    this.flying.set(nonce, done);
  }

  private agentFor(connection: Connection, client: number): http.Agent {
    const key = `${connection} ${client}`;
    let agent = this.agents.get(key);
    if (agent === undefined) {
      // fifo: the pool's connections take turns, so none of them idles. Node's agent sends nothing twice.
      const keepAlive = connection !== "new";
      agent = new http.Agent({ keepAlive, scheduling: "fifo", maxFreeSockets: connection === "kept" ? 24 : 1 });
      this.agents.set(key, agent);
    }
    return agent;
  }
}
