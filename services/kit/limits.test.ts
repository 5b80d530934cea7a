import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { consulClient, watchKey } from "./consul-client";
import { dockerClient } from "./docker-client";
import { within } from "./within";

/** A server that handles each request with the next of the given listeners; the last one handles all later requests. */
async function serverThat(...ways: http.RequestListener[]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "limits-"));
  const socket = path.join(folder, "server.sock");
  let asked = 0;
  const answer: http.RequestListener = (request, response) => {
    asked += 1;
    ways[Math.min(asked, ways.length) - 1]?.(request, response);
  };
  const bySocket = http.createServer(answer);
  const byPort = http.createServer(answer);
  await new Promise<void>((resolve) => bySocket.listen(socket, resolve));
  await new Promise<void>((resolve) => byPort.listen(0, "127.0.0.1", resolve));
  const { port } = byPort.address() as { port: number };
  servers.push(() => {
    for (const server of [bySocket, byPort]) {
      server.closeAllConnections();
      server.close();
    }
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { socket, address: `127.0.0.1:${port}`, asked: () => asked };
}

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

const silent: http.RequestListener = () => undefined;
/** Announces a longer body than it sends, and keeps the connection open. */
const stuck: http.RequestListener = (_, response) => response.writeHead(200, { "content-length": 100 }).write("[");
const cut: http.RequestListener = (_, response) => {
  response.writeHead(200, { "content-length": 100 }).write("[");
  setImmediate(() => response.destroy());
};
/** Sends a byte every 10 ms for ever, so it is never silent for long. */
const trickling: http.RequestListener = (_, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
};

describe.each(Object.entries({ silent, stuck, cut, trickling }))("a server that is %s", (_name, way) => {
  test("makes a Docker call fail within its timeout", async () => {
    const { socket } = await serverThat(way);
    await expect(dockerClient(socket, 200).listContainers()).rejects.toThrow(/docker|socket hang up|aborted/);
  });

  test("makes a Consul call fail within its timeout", async () => {
    const { address } = await serverThat(way);
    await expect(consulClient(address, undefined, 200).agent.service.list()).rejects.toThrow(
      /timed out|socket|aborted/,
    );
  });
});

test("a complete response from Docker within the timeout is accepted", async () => {
  const { socket } = await serverThat((_, response) => response.end("[]"));
  expect(await dockerClient(socket, 5_000).listContainers()).toEqual([]);
});

test("a watch continues after a response that is not Consul's, whatever its status", async () => {
  const page = (status: number) => (_: unknown, response: http.ServerResponse) => {
    response.writeHead(status, { "content-type": "text/html" }).end("<html>a proxy's page</html>");
  };
  const consul: http.RequestListener = (_, response) => {
    response.writeHead(200, { "content-type": "application/json", "x-consul-index": "7" });
    response.end(JSON.stringify([{ Key: "k", Value: Buffer.from("true").toString("base64"), ModifyIndex: 7 }]));
  };
  const { address } = await serverThat(page(200), page(400), page(500), consul);
  const stop = new AbortController();
  const found = await within(
    20_000,
    "the value",
    new Promise((resolve) => watchKey(consulClient(address, undefined), "k", { wait: "1s" }, resolve, stop.signal)),
  );
  stop.abort();
  expect(found).toMatchObject({ Value: "true" });
});
