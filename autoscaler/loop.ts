/** The loop: look once a second, decide once a period, and let one `up` at a time run beside it. */
import { reason } from "../services/lib/log";
import { pause } from "../services/lib/pause";
import type { AutoscaleSettings } from "../autoscale-settings";
import type { AutoscalerMetrics } from "./autoscaler-metrics";
import { begun, decide, ended, initialState } from "./decide";
import type { Entry } from "./journal";
import type { Decision, Samples, State } from "./model";
import type { Facts, Stack } from "./stack";

const GLANCE_MS = 1_000;
const WAITING_MS = 15_000;
/** A line at least this often, even if nothing changed. */
const LINE_MS = 60_000;

export interface Ports {
  stack: Stack;
  sampler: { glance(): Promise<void>; take(): Promise<Samples> };
  journal: { write(entry: Entry): void; read(): Entry[] };
  metrics: AutoscalerMetrics;
  /** One line for people. */
  say: (line: string) => void;
  now?: () => number;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * INVARIANT: at most one `up` is under way (`acting`), and `state` is only ever replaced by what decide.ts makes of it, so that a
 * decision made during an `up` and that `up`'s end may come in any order.
 */
export class Autoscaler {
  private state: State | undefined;
  private acting: Promise<void> | undefined;
  private lastLine = { signature: "", at: -Infinity };
  private readonly now: () => number;
  private readonly pause: NonNullable<Ports["pause"]>;

  constructor(
    private readonly ports: Ports,
    private readonly dryRun: boolean,
  ) {
    this.now = ports.now ?? Date.now;
    this.pause = ports.pause ?? pause;
  }

  /** Returns when the signal was given and an `up` that was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { journal } = this.ports;
    journal.write({ kind: "begin", at: this.now(), dryRun: this.dryRun });
    let facts: Facts | undefined;
    let hasLooked = false;
    while (!signal.aborted) {
      // The outputs are of no use, and the stack is locked, while our own `up` runs.
      const isActing = this.acting !== undefined;
      if (facts === undefined || !isActing) facts = await this.ports.stack.read();
      if ("absent" in facts) {
        hasLooked = false;
        await this.wait(facts.absent, signal);
        continue;
      }
      if (hasLooked) await this.decide(facts.replicas, facts.settings, isActing);
      await this.look(facts.settings.periodSeconds, signal);
      hasLooked = true;
    }
    if (this.acting !== undefined) this.ports.say("ending when the `up` has ended; once more to interrupt it");
    await this.acting;
    journal.write({ kind: "end", at: this.now(), dryRun: this.dryRun });
  }

  private async wait(why: string, signal: AbortSignal): Promise<void> {
    this.state = undefined;
    this.ports.metrics.absent();
    if (this.line(why, `waiting: ${why}`)) this.ports.journal.write({ kind: "waiting", at: this.now(), why });
    await this.pause(WAITING_MS, signal);
  }

  private async look(seconds: number, signal: AbortSignal): Promise<void> {
    const end = this.now() + seconds * 1000;
    while (!signal.aborted && this.now() < end) {
      await this.pause(Math.min(GLANCE_MS, end - this.now()), signal);
      await this.ports.sampler.glance();
    }
  }

  private async decide(current: number, settings: AutoscaleSettings, isActing: boolean): Promise<void> {
    const { journal, metrics, sampler } = this.ports;
    this.state ??= initialState(current, this.now(), this.actionsOfLastHour());
    const samples = await sampler.take();
    const { decision, state } = decide(this.state, current, samples, settings, this.now());
    this.state = state;
    const acts = !this.dryRun && !isActing && decision.held === undefined && decision.replicas !== decision.current;
    journal.write({ kind: "decision", samples, acts, ...decision });
    metrics.decided(decision, settings);
    this.line(signatureOf(decision), lineOf(decision, isActing, this.dryRun));
    if (acts) this.acting = this.act(decision, settings).finally(() => (this.acting = undefined));
  }

  private async act({ current, replicas }: Decision, settings: AutoscaleSettings): Promise<void> {
    const { journal, metrics, say, stack } = this.ports;
    // Somebody may have destroyed the stack, or run `up`, since: a decision about another number is none.
    const facts = await stack.read(true);
    if ("absent" in facts || facts.replicas !== current || this.state === undefined) return;
    const startedAt = this.now();
    this.state = begun(this.state, startedAt);
    const { outcome, said } = await stack
      .up(replicas)
      .catch((error: unknown) => ({ outcome: "failed" as const, said: reason(error) }));
    const at = this.now();
    this.state = ended(this.state, { from: current, to: replicas, startedAt, outcome }, settings, at);
    const seconds = (at - startedAt) / 1000;
    metrics.acted(outcome, seconds);
    journal.write({
      kind: "up",
      at,
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
    return this.ports.journal
      .read()
      .flatMap((entry) => (entry.kind === "up" && entry.outcome !== "busy" ? [entry.at - entry.seconds * 1000] : []))
      .filter((at) => at > this.now() - 3_600_000);
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
