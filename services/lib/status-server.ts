import * as http from "node:http";
import { reason } from "./log";

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
    if (request.url === "/health") {
      const { ok, detail } = health();
      answer(ok ? 200 : 503, "application/json", `${JSON.stringify({ ok, ...detail })}\n`);
    } else if (request.url === "/metrics") {
      void Promise.resolve()
        .then(metrics)
        .then(
          (text) => answer(200, "text/plain; version=0.0.4", text),
          (error: unknown) => answer(500, "text/plain", `${reason(error)}\n`),
        );
    } else {
      answer(404, "text/plain", "GET /health or /metrics\n");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  server.unref();
  return server;
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
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(1));
  });
}
