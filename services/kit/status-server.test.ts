import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { until } from "../../lab/driver/until";
import { keptLog } from "../test/fakes";
import { askStatus, offerStatus, serveStatus } from "./status-server";

const listening = async (server: http.Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
};

test("a port that is in use does not stop the service, and is used once it is free", async () => {
  const other = http.createServer((_, response) => response.end("other"));
  const at = await listening(other);
  const log = keptLog();
  const stop = new AbortController();
  await offerStatus(
    at,
    () => ({ ok: true, detail: {} }),
    () => "mine 1\n",
    log,
    stop.signal,
    20,
  );
  expect(log.lines).toMatchObject([
    { level: "error", fields: { error: expect.stringContaining("EADDRINUSE") as string } },
  ]);
  other.closeAllConnections();
  other.close();
  await until("serving", () => log.lines.at(-1)?.message === "serving health and metrics");
  expect(await (await fetch(`http://127.0.0.1:${at.port}/metrics`)).text()).toBe("mine 1\n");
  stop.abort();
});

test("neither an exception in a handler nor a server error ends the process", async () => {
  const fails = () => {
    throw new Error("unknown");
  };
  const server = await serveStatus({ host: "127.0.0.1", port: 0 }, fails, fails);
  const { port } = server.address() as AddressInfo;
  for (const path of ["health", "metrics"]) {
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
    expect([answer.status, await answer.text()]).toEqual([500, "unknown\n"]);
  }
  expect(() => server.emit("error", new Error("EMFILE"))).not.toThrow();
  expect(() => server.emit("error", new Error("EMFILE"))).not.toThrow();
  server.closeAllConnections();
  server.close();
});

test("a response that breaks off counts as unhealthy", async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { "content-length": 100 }).write("{");
    setImmediate(() => response.destroy());
  });
  const at = await listening(server);
  expect(await askStatus(at, "/health", new PassThrough())).toBe(1);
  server.close();
});
