import { Metrics } from "../kit/metrics";
import type { Timing } from "./timings";

/** The numbers of nginx's stub_status. */
export interface StubStatus {
  active: number;
  accepted: number;
  handled: number;
  requests: number;
  reading: number;
  writing: number;
  waiting: number;
}

export function parseStubStatus(text: string): StubStatus | undefined {
  const numbers = [...text.matchAll(/\d+/g)].map(Number);
  const [active, accepted, handled, requests, reading, writing, waiting] = numbers;
  if (!text.startsWith("Active connections:") || waiting === undefined || numbers.length !== 7) return undefined;
  return { active, accepted, handled, requests, reading, writing, waiting } as StubStatus;
}

/** Histogram buckets, from a cached page to the longest request. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * nginx's own metrics, read at each scrape. While nginx does not answer, its values are not rendered, so that nobody mistakes a stale
 * value, or 0, for the present one.
 */
export class NginxNumbers {
  private readonly metrics = new Metrics("nginx");
  private readonly up = this.metrics.gauge("up", "1 while nginx answers on its status socket.");
  private readonly activeRequests = this.metrics.gauge("active_requests", "Requests that nginx is processing.", true);
  private readonly gauges = {
    active: this.metrics.gauge("connections_active", "Open client connections.", true),
    reading: this.metrics.gauge("connections_reading", "Connections whose request header is being read.", true),
    writing: this.metrics.gauge("connections_writing", "Connections whose request is being processed.", true),
    waiting: this.metrics.gauge("connections_waiting", "Idle connections.", true),
    accepted: this.metrics.counter("connections_accepted_total", "Connections accepted.", true),
    handled: this.metrics.counter(
      "connections_handled_total",
      "Connections accepted and not dropped at a limit.",
      true,
    ),
    requests: this.metrics.counter("requests_total", "Requests received, including those of health checks.", true),
  };
  /** Metrics of completed requests: not rendered while the timings log cannot be read. */
  private readonly ended = new Metrics("nginx");
  private areEndedKnown = false;
  private readonly responses = this.ended.counter(
    "responses_total",
    "Completed requests of the site, by class of status.",
    true,
  );
  private readonly seconds = this.ended.histogram(
    "upstream_response_seconds",
    "Time that replicas took for a request, over all attempts.",
    SECONDS,
  );

  constructor(
    /** stub_status's text; undefined when nginx does not answer. */
    private readonly status: () => Promise<string | undefined>,
    private readonly timings: { read(take: (timing: Timing) => void): Promise<void> },
  ) {}

  /**
   * Counts the requests completed since the last call. Call it often enough that the file stays short.
   * @throws Error when the file cannot be read
   */
  async collect(): Promise<void> {
    try {
      await this.timings.read(({ status, upstreamSeconds }) => {
        this.responses.add(1, { class: `${status.charAt(0)}xx` });
        if (upstreamSeconds !== undefined) this.seconds.observe(upstreamSeconds);
      });
      this.areEndedKnown = true;
    } catch (error) {
      this.areEndedKnown = false;
      throw error;
    }
  }

  async render(): Promise<string> {
    const [text] = await Promise.all([this.status(), this.collect().catch(() => undefined)]);
    const stub = parseStubStatus(text ?? "");
    this.up.set(stub === undefined ? 0 : 1);
    for (const [name, metric] of Object.entries(this.gauges)) {
      if (stub === undefined) metric.clear();
      else metric.set(stub[name as keyof StubStatus]);
    }
    // The status request itself is counted in `writing`.
    if (stub === undefined) this.activeRequests.clear();
    else this.activeRequests.set(Math.max(0, stub.writing - 1));
    return this.metrics.render() + (this.areEndedKnown ? this.ended.render() : "");
  }
}
