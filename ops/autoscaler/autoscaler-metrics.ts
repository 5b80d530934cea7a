import { wallMs } from "../../services/kit/clock";
import { Metrics } from "../../services/kit/metrics";
import type { AutoscaleSettings } from "../../settings/autoscale";
import type { Decision } from "./model";

/** What the autoscaler tells Prometheus of itself. */
export class AutoscalerMetrics {
  private readonly metrics = new Metrics("autoscaler");
  private readonly replicas = this.metrics.gauge("replicas", "Replicas that the stack last ran.", true);
  private readonly wanted = this.metrics.gauge("wanted_replicas", "Replicas that are wanted.", true);
  private readonly bounds = this.metrics.gauge("bound_replicas", "Fewest and most replicas.", true);
  private readonly load = this.metrics.gauge("load", "Load by metric, as it is compared with its target.", true);
  private readonly target = this.metrics.gauge("target", "Target by metric.", true);
  private readonly missing = this.metrics.counter("missing_total", "Decisions that lacked a metric.", true);
  private readonly held = this.metrics.gauge(
    "held",
    "1 while a cool-down or the bound on actions holds a change back.",
  );
  private readonly decisions = this.metrics.counter("decisions_total", "Decisions.");
  private readonly actions = this.metrics.counter("actions_total", "Runs of up, by outcome.", true);
  private readonly upSeconds = this.metrics.gauge("up_seconds", "How long the last up took.", true);
  private readonly failures = this.metrics.counter("failures_total", "Looks and log lines that failed.", true);
  private readonly last = this.metrics.gauge("last_decision_timestamp_seconds", "When it decided last.", true);

  readonly render = (): string => this.metrics.render();

  decided({ current, replicas, wishes, held }: Decision, settings: AutoscaleSettings): void {
    this.decisions.add();
    this.last.set(wallMs() / 1000);
    this.replicas.set(current);
    this.wanted.set(replicas);
    this.bounds.set(settings.min, { bound: "min" });
    this.bounds.set(settings.max, { bound: "max" });
    this.held.set(held === undefined ? 0 : 1);
    for (const gauge of [this.load, this.target]) gauge.clear();
    for (const { metric, value, target, missing } of wishes) {
      this.target.set(target, { metric });
      if (value !== undefined) this.load.set(value, { metric });
      if (missing !== undefined) this.missing.add(1, { metric });
    }
  }

  acted(outcome: "done" | "failed" | "busy", seconds: number): void {
    this.actions.add(1, { outcome });
    this.upSeconds.set(seconds);
  }

  /** A look that failed: what it was to find is not known. */
  failed(what: "stack" | "load" | "journal"): void {
    this.failures.add(1, { what });
  }

  /** There is nothing to scale: numbers of a stack that is gone are not shown. */
  absent(): void {
    for (const gauge of [this.replicas, this.wanted, this.bounds, this.load, this.target]) gauge.clear();
  }
}
