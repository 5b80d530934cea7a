import * as http from "node:http";
import { reason, type Log } from "./log";
import { pause } from "./pause";

/** What a service says of itself. */
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
    // Stays: an error later on, as when no more files can be opened, must not end the process.
    server.on("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  server.unref();
  return server;
}

/** Before a port that is taken is tried again. */
const AGAIN_MS = 5_000;

/**
 * The same for a service whose work does not wait for it: while it cannot listen (another process has the port), that is said once and
 * tried again until aborted. Returns after the first try.
 */
export async function offerStatus(
  at: { host: string; port: number },
  health: () => Health,
  metrics: () => string | Promise<string>,
  log: Log,
  signal: AbortSignal,
  againMs = AGAIN_MS,
): Promise<void> {
  const tryIt = () =>
    serveStatus(at, health, metrics).then(
      () => undefined,
      (error: unknown) => reason(error),
    );
  const fault = await tryIt();
  if (fault === undefined) return;
  log.error("health and metrics are not offered yet; the work goes on", { ...at, error: fault });
  const again = async () => {
    do await pause(againMs, signal);
    while (!signal.aborted && (await tryIt()) !== undefined);
    if (!signal.aborted) log.info("health and metrics are offered", at);
  };
  void again();
}

/**
 * The service's second use, for `docker exec CONTAINER node SERVICE.cjs health` (exit status 0 when /health answers 200) or
 * `metrics`: prints what that address answers.
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
