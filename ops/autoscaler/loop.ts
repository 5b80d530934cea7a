/** The loop: look once a second, decide once a period, and let one `up` at a time run beside it. */
import { monotonicMs, wallMs } from "../../services/kit/clock";
import { reason } from "../../services/kit/log";
import { pause } from "../../services/kit/pause";
import type { AutoscaleSettings } from "../../settings/autoscale";
import type { AutoscalerMetrics } from "./autoscaler-metrics";
import { begun, decide, ended, initialState } from "./decide";
import type { Entry } from "./journal";
import type { Decision, Samples, State } from "./model";
import type { Facts, Stack } from "./stack";

const GLANCE_MS = 1_000;
const WAITING_MS = 15_000;
/** After a look at the stack that failed. */
const RETRY_MS = 5_000;
/** A line at least this often, even if nothing changed. */
const LINE_MS = 60_000;

export interface Ports {
  stack: Stack;
  sampler: { glance(): Promise<void>; take(): Promise<Samples> };
  journal: { write(entry: Entry): void; read(): Entry[] };
  metrics: AutoscalerMetrics;
  /** One line for people. */
  say: (line: string) => void;
  /** Of intervals. @default the monotonic clock */
  now?: () => number;
  /** For the log of decisions. @default the wall clock */
  wall?: () => number;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An entry of the log as the loop makes it; the time is added when it is written. */
type Untimed = Entry extends infer One ? (One extends Entry ? Omit<One, "at"> : never) : never;

/**
 * INVARIANTS: nothing that fails ends it: a look that failed is a look that is missing, and the log of decisions may miss a line; at most one `up` is under way (`acting`), and `state` is only ever replaced by what decide.ts makes of it, so that a
 * decision made during an `up` and that `up`'s end may come in any order.
 */
export class Autoscaler {
  private state: State | undefined;
  private acting: Promise<void> | undefined;
  private isLogFailing = false;
  private lastLine = { signature: "", at: -Infinity };
  private readonly now: () => number;
  private readonly wall: () => number;
  private readonly pause: NonNullable<Ports["pause"]>;

  constructor(
    private readonly ports: Ports,
    private readonly dryRun: boolean,
  ) {
    this.now = ports.now ?? monotonicMs;
    this.wall = ports.wall ?? wallMs;
    this.pause = ports.pause ?? pause;
  }

  /** Returns when the signal was given and an `up` that was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.log({ kind: "begin", dryRun: this.dryRun });
    let facts: Facts | undefined;
    let hasLooked = false;
    while (!signal.aborted) {
      // The outputs are of no use, and the stack is locked, while our own `up` runs.
      const isActing = this.acting !== undefined;
      if (facts === undefined || !isActing) facts = await this.read();
      if (!("replicas" in facts)) {
        hasLooked = false;
        await this.wait(facts, signal);
        facts = undefined;
        continue;
      }
      if (hasLooked) await this.decide(facts.replicas, facts.settings, isActing);
      await this.look(facts.settings.periodSeconds, signal);
      hasLooked = true;
    }
    if (this.acting !== undefined) this.ports.say("ending when the `up` has ended; once more to interrupt it");
    await this.acting;
    this.log({ kind: "end", dryRun: this.dryRun });
  }

  private read(fresh = false): Promise<Facts> {
    return this.ports.stack.read(fresh).catch((error: unknown) => ({ unknown: reason(error) }));
  }

  /** A stack that is not there is taken up as new when it is; of one of which nothing is known this time, all is remembered. */
  private async wait(facts: { absent: string } | { unknown: string }, signal: AbortSignal): Promise<void> {
    const isAbsent = "absent" in facts;
    const why = isAbsent ? facts.absent : facts.unknown;
    if (isAbsent) {
      this.state = undefined;
      this.ports.metrics.absent();
    } else {
      this.ports.metrics.failed("stack");
    }
    if (this.line(why, `waiting: ${why}`)) this.log({ kind: "waiting", why });
    await this.pause(isAbsent ? WAITING_MS : RETRY_MS, signal);
  }

  /** A disk that is full, or a file that cannot be written, costs lines of the log, and is said once. */
  private log(entry: Untimed): void {
    try {
      this.ports.journal.write({ ...entry, at: this.wall() });
      this.isLogFailing = false;
    } catch (error) {
      this.ports.metrics.failed("journal");
      if (!this.isLogFailing) this.ports.say(`the log of decisions lacks lines from now on: ${reason(error)}`);
      this.isLogFailing = true;
    }
  }

  private async look(seconds: number, signal: AbortSignal): Promise<void> {
    const end = this.now() + seconds * 1000;
    while (!signal.aborted && this.now() < end) {
      await this.pause(Math.min(GLANCE_MS, end - this.now()), signal);
      await this.ports.sampler.glance().catch(() => this.ports.metrics.failed("load"));
    }
  }

  private async decide(current: number, settings: AutoscaleSettings, isActing: boolean): Promise<void> {
    const { metrics, sampler } = this.ports;
    this.state ??= initialState(current, this.now(), this.actionsOfLastHour());
    const samples = await sampler.take().catch((): Samples => {
      metrics.failed("load");
      return {};
    });
    const { decision, state } = decide(this.state, current, samples, settings, this.now());
    this.state = state;
    const acts = !this.dryRun && !isActing && decision.held === undefined && decision.replicas !== decision.current;
    this.log({ kind: "decision", samples, acts, ...decision });
    metrics.decided(decision, settings);
    this.line(signatureOf(decision), lineOf(decision, isActing, this.dryRun));
    if (!acts) return;
    this.acting = this.act(decision, settings)
      .catch((error: unknown) => this.ports.say(`no \`up\`: ${reason(error)}`))
      .finally(() => (this.acting = undefined));
  }

  private async act({ current, replicas }: Decision, settings: AutoscaleSettings): Promise<void> {
    const { metrics, say, stack } = this.ports;
    // Somebody may have destroyed the stack, or run `up`, since: a decision about another number is none.
    const facts = await this.read(true);
    if (!("replicas" in facts) || facts.replicas !== current || this.state === undefined) return;
    const startedAt = this.now();
    this.state = begun(this.state, startedAt);
    const { outcome, said } = await stack
      .up(replicas)
      .catch((error: unknown) => ({ outcome: "failed" as const, said: reason(error) }));
    const at = this.now();
    this.state = ended(this.state, { from: current, to: replicas, startedAt, outcome }, settings, at);
    const seconds = (at - startedAt) / 1000;
    metrics.acted(outcome, seconds);
    this.log({
      kind: "up",
      from: current,
      to: replicas,
      seconds,
      outcome,
      ...(outcome === "done" ? {} : { said }),
    });
    say(`up from ${current} to ${replicas} replicas: ${outcome} after ${seconds.toFixed(1)} s`);
    if (outcome === "failed") say(said.replace(/^/gm, "  | "));
  }

  /** The bound on actions holds through a restart of the autoscaler. */
  private actionsOfLastHour(): number[] {
    // The log has the wall clock's times. One that is still to come, since that clock was set back, counts as now.
    const ageMs = (entry: { at: number; seconds: number }) =>
      Math.max(0, this.wall() - entry.at + entry.seconds * 1000);
    return this.logged()
      .flatMap((entry) => (entry.kind === "up" && entry.outcome !== "busy" ? [ageMs(entry)] : []))
      .filter((age) => age < 3_600_000)
      .map((age) => this.now() - age);
  }

  private logged(): Entry[] {
    try {
      return this.ports.journal.read();
    } catch (error) {
      this.ports.say(`the log of decisions cannot be read: ${reason(error)}`);
      return [];
    }
  }

  /** @returns whether it was said: it is new, or the last one is a while ago */
  private line(signature: string, line: string): boolean {
    const isNew = signature !== this.lastLine.signature;
    if (!isNew && this.now() - this.lastLine.at < LINE_MS) return false;
    this.lastLine = { signature, at: this.now() };
    this.ports.say(line);
    return isNew;
  }
}

const signatureOf = ({ current, replicas, reason: why, held }: Decision): string =>
  [current, replicas, why.replace(/\d+/g, "N"), held === undefined].join();

const UNITS = { requests: "in flight each", upstream: "ms", cpu: "% of a core each" };

function lineOf(decision: Decision, isActing: boolean, dryRun: boolean): string {
  const { current, replicas, reason: why, held, wishes } = decision;
  const loads = wishes.map(({ metric, value, target }) =>
    value === undefined ? `${metric} missing` : `${metric} ${value.toFixed(1)} of ${target} ${UNITS[metric]}`,
  );
  const wanted = replicas === current ? `${current} replicas stay` : `${current} → ${replicas} replicas`;
  const not = isActing ? " [an up is under way]" : dryRun && replicas !== current ? " [dry run]" : "";
  return `${wanted} (${why}${held === undefined ? "" : `; not now: ${held}`})${not}: ${loads.join(", ")}`;
}
