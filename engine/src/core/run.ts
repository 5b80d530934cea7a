/** What all parts of one deployment share: its options, its state, whether it goes on, and what it tells its listener. */
import type { DeploymentOptions, DeploymentSummary, EngineEvent, ResourceState, StepOp } from "../model";
import type { Json } from "../provider";
import { Limiter } from "./limiter";
import { SecretMask } from "./secrecy";
import { isInternal } from "./state";
import { StateStore } from "./state-store";
import { makeSecret } from "./values";

/** The deployment is ending, so this step does not begin. The reason has been reported already. */
export class Stopped extends Error {
  constructor() {
    super("the deployment is ending");
    this.name = "Stopped";
  }
}

export class Run {
  readonly store: StateStore;
  readonly mask = new SecretMask();
  readonly limiter: Limiter;
  /** The resources that this run has registered or read, by URN, for look-ups by the program. */
  readonly registered = new Map<string, ResourceState>();
  /** URNs that are deleted, or will be, in this run. */
  readonly deleted = new Set<string>();
  readonly preview: boolean;
  private readonly stopping = new AbortController();
  private readonly counts: DeploymentSummary["counts"] = {};
  private readonly startedAt = performance.now();
  private failed = false;

  constructor(readonly options: DeploymentOptions) {
    this.preview = options.kind === "preview" || options.dryRun === true;
    this.store = new StateStore(options.snapshot, this.preview ? undefined : (snapshot) => options.save(snapshot));
    this.limiter = new Limiter(Math.max(1, options.parallel));
    for (const key of options.secretConfigKeys) this.learnConfig(options.config[key] ?? "");
    for (const { inputs, outputs } of options.snapshot.resources) this.learn(inputs, outputs);
    const interrupt = (): void => this.stop();
    if (options.signal.aborted) interrupt();
    else options.signal.addEventListener("abort", interrupt, { once: true });
  }

  /** Aborted as soon as no new step may begin: after a failure or an interruption. */
  get stopSignal(): AbortSignal {
    return this.stopping.signal;
  }

  get stopped(): boolean {
    return this.stopping.signal.aborted;
  }

  get hasFailed(): boolean {
    return this.failed;
  }

  get interrupted(): boolean {
    return this.options.signal.aborted;
  }

  /** @throws Stopped */
  throwIfStopped(): void {
    if (this.stopped) throw new Stopped();
  }

  stop(): void {
    this.stopping.abort();
  }

  /** The run has failed, but what is independent of the failure goes on. */
  markFailed(): void {
    this.failed = true;
  }

  /** Reports an error, ends the run, and gives back what to throw. */
  fail(urn: string, message: string): Stopped {
    this.diagnose("error", urn, message);
    this.markFailed();
    this.stop();
    return new Stopped();
  }

  /** A secret setting is text, and may be a list or a map of which any part is as secret. */
  private learnConfig(text: string): void {
    this.mask.learnText(text);
    try {
      this.mask.learn(makeSecret(JSON.parse(text) as Json));
    } catch {
      // Most are plain text.
    }
  }

  learn(...values: Json[]): void {
    for (const value of values) this.mask.learn(value);
  }

  emit(event: EngineEvent): void {
    this.options.onEvent(event);
  }

  diagnose(severity: "debug" | "info" | "warning" | "error", urn: string, message: string, ephemeral = false): void {
    const text = this.mask.apply(message);
    this.emit({ type: "diagnostic", severity, urn, message: text, ...(ephemeral ? { ephemeral } : {}) });
  }

  programOutput(stream: "stdout" | "stderr", line: string): void {
    this.emit({ type: "program-output", stream, line: this.mask.apply(line) });
  }

  /** Counts a resource by what became of it; providers are not counted. */
  count(op: StepOp, state: ResourceState): void {
    if (!isInternal(state)) this.counts[op] = (this.counts[op] ?? 0) + 1;
  }

  summary(): DeploymentSummary {
    return {
      kind: this.options.kind,
      counts: { ...this.counts },
      seconds: this.secondsSince(this.startedAt),
      failed: this.failed || this.interrupted,
      interrupted: this.interrupted,
    };
  }

  secondsSince(start: number): number {
    return (performance.now() - start) / 1000;
  }
}
