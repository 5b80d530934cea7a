import * as http from "node:http";
import { reason, type Log } from "./log";
import { pause } from "./pause";

/** A service's own health. */
export interface Health {
  ok: boolean;
  detail: Record<string, unknown>;
}

/** Serves GET /health (200 or 503, JSON) and GET /metrics (Prometheus text). */
export async function serveStatus(
  at: { host: string; port: number },
  health: () => Health,
  metrics: () => string | Promise<string>,
): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
    const respond = async () => {
      if (request.url === "/health") {
        const { ok, detail } = health();
        answer(ok ? 200 : 503, "application/json", `${JSON.stringify({ ok, ...detail })}\n`);
      } else if (request.url === "/metrics") {
        answer(200, "text/plain; version=0.0.4", await metrics());
      } else {
        answer(404, "text/plain", "GET /health or /metrics\n");
      }
    };
    void respond().catch((error: unknown) => answer(500, "text/plain", `${reason(error)}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    // The listener stays: a later error (no free file descriptor, for example) must not end the process.
    server.on("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  server.unref();
  return server;
}

/** Delay before a port that is in use is tried again. */
const RETRY_MS = 5_000;

/**
 * Like `serveStatus`, for a service that works without it: when it cannot listen (another process has the port), it logs that once and
 * retries until aborted. Returns after the first attempt.
 */
export async function offerStatus(
  at: { host: string; port: number },
  health: () => Health,
  metrics: () => string | Promise<string>,
  log: Log,
  signal: AbortSignal,
  retryMs = RETRY_MS,
): Promise<void> {
  const tryIt = () =>
    serveStatus(at, health, metrics).then(
      () => undefined,
      (error: unknown) => reason(error),
    );
  const fault = await tryIt();
  if (fault === undefined) return;
  log.error("cannot serve health and metrics yet; retrying, the service works on", { ...at, error: fault });
  const retry = async () => {
    do await pause(retryMs, signal);
    while (!signal.aborted && (await tryIt()) !== undefined);
    if (!signal.aborted) log.info("serving health and metrics", at);
  };
  void retry();
}

/**
 * Prints the response of a running service's /health or /metrics, for `docker exec CONTAINER node SERVICE.cjs health` (or `metrics`).
 * @returns the exit status: 0 when the response is 200
 */
export function askStatus(
  at: { host: string; port: number },
  path: "/health" | "/metrics",
  output: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  const host = at.host === "0.0.0.0" ? "127.0.0.1" : at.host;
  return new Promise((resolve) => {
    const request = http.get({ host, port: at.port, path, timeout: 2_000 }, (response) => {
      response.pipe(output, { end: false });
      response.on("end", () => resolve(response.statusCode === 200 ? 0 : 1));
      response.on("close", () => resolve(1));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(1));
  });
}
