import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { commonSettings, readEnvironment, wholeNumber } from "./environment";
import { jsonLog, reason } from "./log";
import { Metrics } from "./metrics";
import { Backoff, pause, Wake } from "./pause";
import { askStatus, serveStatus } from "./status-server";

test("an invalid environment is reported by name and value", () => {
  const settings = { ...commonSettings, METRICS_PORT: wholeNumber(1, 65_535, 9101) };
  expect(() => readEnvironment(settings, { STACK: "dev", METRICS_PORT: "0" })).toThrow(
    /CONSUL_HTTP_ADDR=undefined: Required; METRICS_PORT="0": .*greater than or equal to 1/,
  );
  const env = { STACK: "dev", CONSUL_HTTP_ADDR: "http://10.0.0.1:8500", METRICS_PORT: "" };
  expect(readEnvironment(settings, env)).toMatchObject({ METRICS_PORT: 9101, METRICS_HOST: "127.0.0.1" });
});

test("metrics in Prometheus's text format", () => {
  const metrics = new Metrics("x");
  metrics.counter("events_total", "Events.", true).add(2, { kind: 'a"b' });
  metrics.gauge("size", "Size.").set(3);
  expect(metrics.render()).toBe(
    '# HELP x_events_total Events.\n# TYPE x_events_total counter\nx_events_total{kind="a\\"b"} 2\n' +
      "# HELP x_size Size.\n# TYPE x_size gauge\nx_size 3\n",
  );
});

test("histogram buckets are cumulative; a cleared gauge is not rendered", () => {
  const metrics = new Metrics("x");
  const seconds = metrics.histogram("seconds", "Seconds.", [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value);
  const size = metrics.gauge("size", "Size.", true);
  size.set(3);
  size.clear();
  expect(metrics.render()).toBe(
    "# HELP x_seconds Seconds.\n# TYPE x_seconds histogram\n" +
      'x_seconds_bucket{le="0.1"} 2\nx_seconds_bucket{le="1"} 3\nx_seconds_bucket{le="+Inf"} 4\n' +
      "x_seconds_sum 3.65\nx_seconds_count 4\n# HELP x_size Size.\n# TYPE x_size gauge\n",
  );
});

test("a log line is one line of JSON, and the reason of an error includes its cause", () => {
  const lines: string[] = [];
  jsonLog("registrator", (line) => lines.push(line)).info("hello", { text: "a\nb" });
  expect(JSON.parse(lines.join(""))).toMatchObject({ service: "registrator", level: "info", message: "hello" });
  expect(lines[0]?.split("\n")).toHaveLength(2);
  expect(reason(new Error("outer", { cause: new Error("inner") }))).toBe("outer: inner");
});

test("delays double up to the maximum, and reset", () => {
  const backoff = new Backoff(100, 350);
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([100, 200, 350, 350]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

describe("waiting", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Whether it has ended by now, with no time gone by. */
  async function isOver(waiting: Promise<void>): Promise<boolean> {
    let over = false;
    void waiting.then(() => (over = true));
    await jest.advanceTimersByTimeAsync(0);
    return over;
  }

  test("a wake raised while nobody waits is remembered, once", async () => {
    const wake = new Wake();
    const { signal } = new AbortController();
    wake.up();
    wake.up();
    expect(await isOver(wake.wait(signal))).toBe(true);
    const next = wake.wait(signal);
    expect(await isOver(next)).toBe(false);
    wake.up();
    expect(await isOver(next)).toBe(true);
  });

  test("a wait ends at its limit, and not before", async () => {
    const waiting = new Wake().wait(new AbortController().signal, 100);
    await jest.advanceTimersByTimeAsync(99);
    expect(await isOver(waiting)).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await isOver(waiting)).toBe(true);
  });

  test("an abort ends a pause and a wait, and those that begin after it", async () => {
    const stop = new AbortController();
    const each = (): Promise<void>[] => [pause(60_000, stop.signal), new Wake().wait(stop.signal, 60_000)];
    const begun = each();
    expect(await Promise.all(begun.map(isOver))).toEqual([false, false]);
    stop.abort();
    expect(await Promise.all([...begun, ...each()].map(isOver))).toEqual([true, true, true, true]);
  });
});

test("health and metrics are served, and the container's health check reads them", async () => {
  let ok = false;
  const server = await serveStatus(
    { host: "127.0.0.1", port: 0 },
    () => ({ ok, detail: { x: 1 } }),
    () => "m 1\n",
  );
  const said = new PassThrough();
  const at = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  expect(await askStatus(at, "/health", said)).toBe(1);
  ok = true;
  expect(await askStatus(at, "/health", said)).toBe(0);
  expect(await askStatus(at, "/metrics", said)).toBe(0);
  expect(String(said.read())).toBe('{"ok":false,"x":1}\n{"ok":true,"x":1}\nm 1\n');
  server.closeAllConnections();
  server.close();
});
