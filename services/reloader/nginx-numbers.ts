import { Metrics } from "../kit/metrics";
import type { Timing } from "./timings";

/** What nginx's stub_status answers. */
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

/** From a page out of a cache to the longest request. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * nginx's own numbers, read when they are asked for. While nginx does not answer, what it alone knows is not shown: who reads
 * it must not take an old number, or 0, for the truth.
 */
export class NginxNumbers {
  private readonly metrics = new Metrics("nginx");
  private readonly up = this.metrics.gauge("up", "1 while nginx answers on its status socket.");
  private readonly activeRequests = this.metrics.gauge("active_requests", "Requests that nginx works on now.", true);
  private readonly gauges = {
    active: this.metrics.gauge("connections_active", "Open client connections.", true),
    reading: this.metrics.gauge("connections_reading", "Connections whose request header is being read.", true),
    writing: this.metrics.gauge("connections_writing", "Connections whose request is worked on.", true),
    waiting: this.metrics.gauge("connections_waiting", "Idle connections.", true),
    accepted: this.metrics.counter("connections_accepted_total", "Connections taken.", true),
    handled: this.metrics.counter("connections_handled_total", "Connections taken and not dropped at a limit.", true),
    requests: this.metrics.counter("requests_total", "Requests taken, those of health checks among them.", true),
  };
  /** Of the requests that have ended: not shown while nobody can tell how many did. */
  private readonly ended = new Metrics("nginx");
  private areEndedKnown = false;
  private readonly responses = this.ended.counter(
    "responses_total",
    "Requests of the site that have ended, by class of status.",
    true,
  );
  private readonly seconds = this.ended.histogram(
    "upstream_response_seconds",
    "Time that replicas took for a request, all attempts together.",
    SECONDS,
  );

  constructor(
    /** stub_status's text; undefined when nginx does not answer. */
    private readonly status: () => Promise<string | undefined>,
    private readonly timings: { read(take: (timing: Timing) => void): Promise<void> },
  ) {}

  /**
   * Takes up what has ended since the last call; to be called often enough that the file stays short.
   * @throws Error when that cannot be read
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
    // The one that asks is among those that write.
    if (stub === undefined) this.activeRequests.clear();
    else this.activeRequests.set(Math.max(0, stub.writing - 1));
    return this.metrics.render() + (this.areEndedKnown ? this.ended.render() : "");
  }
}
