import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { monotonicMs } from "../kit/clock";
import { dockerClient } from "../kit/docker-client";
import { until } from "../../lab/driver/until";
import { keptLog } from "../test/fakes";
import { followEvents, type ContainerEvent } from "./docker-events";

const line = (atMs: number, action: string, signal?: string) =>
  `${JSON.stringify({
    Type: "container",
    Action: action,
    timeNano: atMs * 1e6,
    Actor: { ID: "c", Attributes: signal === undefined ? {} : { signal } },
  })}\n`;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Docker's event API on a socket: `onStream` answers each request for container events, with its `since` and its number. */
async function docker(onStream: (response: http.ServerResponse, since: number, nth: number) => void, openMs = 60_000) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "events-"));
  let streams = 0;
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://docker");
    if (!(url.searchParams.get("filters") ?? "").includes('"container"')) {
      response.writeHead(200).flushHeaders();
      return;
    }
    streams += 1;
    onStream(response, Number(url.searchParams.get("since")), streams);
  });
  const socket = path.join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const events: ContainerEvent[] = [];
  const log = keptLog();
  const stop = new AbortController();
  let connects = 0;
  const done = followEvents(
    dockerClient(socket, 0),
    { stack: "dev", sinceMs: 0, silentMs: 100, openMs },
    { event: (event) => events.push(event), connected: () => (connects += 1) },
    log,
    stop.signal,
  );
  stops.push(() => {
    stop.abort();
    server.closeAllConnections();
    server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { events, log, done, stop, connects: () => connects };
}

test("a silent stream is reopened, and missed events are replayed once", async () => {
  const sinces: number[] = [];
  const { events, log } = await docker((response, since, nth) => {
    sinces.push(since);
    response.writeHead(200).flushHeaders();
    response.write(line(5_000, "start"));
    if (nth > 1) response.write(line(6_000, "kill", "15"));
  });
  await until("reopened twice", () => sinces.length >= 3, { limitMs: 10_000 });
  expect(sinces.slice(0, 3)).toEqual([0, 5, 6]);
  expect(events.map(({ action }) => action)).toEqual(["start", "kill"]);
  expect(log.lines).toEqual([]);
});

test("after the clock was set back the replay begins at the last event, not at the highest timestamp", async () => {
  const sinces: number[] = [];
  await docker((response, since) => {
    sinces.push(since);
    response.writeHead(200).flushHeaders();
    response.end(line(9_000_000, "start") + line(5_000, "kill", "1"));
  });
  await until("reconnected", () => sinces.length >= 2, { limitMs: 10_000 });
  expect(sinces[1]).toBe(5);
});

test("a stream that does not open in time is requested again", async () => {
  const { events } = await docker((response, _since, nth) => {
    if (nth > 1) response.writeHead(200).write(line(5_000, "die"));
  }, 100);
  await until("the event of the second stream", () => events.length === 1, { limitMs: 10_000 });
});

test("an unreadable line is skipped", async () => {
  const { events, log } = await docker((response) => {
    response.writeHead(200).write(`{"Type":"container"}\n{\n${line(5_000, "die")}`);
  });
  await until("the event after it", () => events.length === 1);
  expect(log.lines.filter(({ message }) => message.includes("cannot be read"))).toHaveLength(2);
});

test("streams that end at once are reopened with a growing delay", async () => {
  const openedMs: number[] = [];
  await docker((response) => {
    openedMs.push(monotonicMs());
    response.writeHead(200).end();
  });
  await until("four streams", () => openedMs.length >= 4, { limitMs: 20_000 });
  expect((openedMs[3] ?? 0) - (openedMs[0] ?? 0)).toBeGreaterThanOrEqual(100 + 200 + 400);
});
