/** The load against a real server that answers as the probe does, or does not. */
import { createHash } from "node:crypto";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "../../driver/until";
import type { Outcome } from "./exchange";
import { Load } from "./generator";

type Behave = (answer: () => void, response: http.ServerResponse, nonce: string) => void;

/** Runs a load against a server until the server has had `count` requests; with the nonces that it had. */
async function loaded(count: number, behave: Behave): Promise<{ outcomes: Outcome[]; had: string[] }> {
  const had: string[] = [];
  const server = http.createServer((request, response) => {
    const query = new URL(request.url ?? "", "http://localhost").searchParams;
    const nonce = query.get("nonce") ?? "";
    const hash = createHash("sha256");
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      bytes += chunk.length;
    });
    request.on("end", () => {
      had.push(nonce);
      const text = `${JSON.stringify({ nonce, bytes, sha256: hash.digest("hex") })}\n`;
      const answer = () =>
        response.writeHead(200, { "X-Served-By": "me" }).end(text + ".".repeat(Number(query.get("fill"))));
      behave(answer, response, nonce);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const load = new Load({ port: (server.address() as AddressInfo).port, rate: 200, prefix: "t" });
  await until(`${count} requests`, () => Promise.resolve(had.length >= count), { pauseMs: 5 });
  const outcomes = await load.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { outcomes, had };
}

test("what is answered as it must be is no error: GET and POST, small and large, on new and kept connections", async () => {
  const { outcomes, had } = await loaded(160, (answer) => answer());
  expect(outcomes.filter(({ problem }) => problem)).toEqual([]);
  expect(outcomes.map(({ nonce }) => nonce).sort()).toEqual(had.sort());
  expect(outcomes.some(({ planned }) => planned.bodyBytes > 8_000_000)).toBe(true);
  expect(outcomes.some(({ reused }) => reused)).toBe(true);
});

test("a server that does not answer is asked all the same, and the time that requests waited counts", async () => {
  const held: (() => void)[] = [];
  let isReleased = false;
  const { outcomes } = await loaded(100, (answer) => {
    held.push(answer);
    // A loop that waited for answers would never get here.
    isReleased ||= held.length >= 100;
    if (isReleased) held.splice(0).forEach((one) => one());
  });
  const first = outcomes.find(({ nonce }) => nonce === "t-0");
  // At 200 a second, request 99 is due 495 ms after request 0.
  expect((first?.endMs ?? 0) - (first?.dueMs ?? 0)).toBeGreaterThanOrEqual(495);
});

test("a request that is lost on a kept connection is an error and is not sent again", async () => {
  const { outcomes, had } = await loaded(120, (answer, response) => {
    if (response.req.socket.bytesWritten > 0) response.req.socket.destroy();
    else answer();
  });
  const lost = outcomes.filter(({ problem }) => problem?.kind === "closed-idle");
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.every(({ reused }) => reused)).toBe(true);
  expect(new Set(had).size).toBe(had.length);
});

test.each<[string, Behave, string]>([
  ["an error page", (_answer, response) => response.writeHead(503).end("no"), "status"],
  ["an end before the answer", (_answer, response) => response.req.socket.destroy(), "reset"],
  [
    "an answer that breaks off",
    (_answer, response) => {
      response.writeHead(200, { "Content-Length": 1_000 }).write("half");
      setImmediate(() => response.req.socket.destroy());
    },
    "cut",
  ],
])("%s is seen for what it is", async (_what, behave, kind) => {
  const { outcomes } = await loaded(20, behave);
  expect(new Set(outcomes.map(({ problem }) => problem?.kind))).toEqual(new Set([kind]));
});
