import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import { consulClient, watchKey } from "./consul-client";
import { dockerClient } from "./docker-client";
import { within } from "./within";

/** A server that answers each request by the next of the given ways, the last one for ever. */
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
/** Says that more will come, and says no more. */
const stuck: http.RequestListener = (_, response) => response.writeHead(200, { "content-length": 100 }).write("[");
const cut: http.RequestListener = (_, response) => {
  response.writeHead(200, { "content-length": 100 }).write("[");
  setImmediate(() => response.destroy());
};
/** A byte now and then, for ever: no silence is long. */
const trickling: http.RequestListener = (_, response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 10);
  response.on("close", () => clearInterval(timer));
};

describe.each(Object.entries({ silent, stuck, cut, trickling }))("a server that is %s", (_name, way) => {
  test("is no answer of Docker's, in time", async () => {
    const { socket } = await serverThat(way);
    await expect(dockerClient(socket, 200).listContainers()).rejects.toThrow(/docker|socket hang up|aborted/);
  });

  test("is no answer of Consul's, in time", async () => {
    const { address } = await serverThat(way);
    await expect(consulClient(address, undefined, 200).agent.service.list()).rejects.toThrow(
      /timed out|socket|aborted/,
    );
  });
});

test("Docker's whole answer within the time is taken", async () => {
  const { socket } = await serverThat((_, response) => response.end("[]"));
  expect(await dockerClient(socket, 5_000).listContainers()).toEqual([]);
});

test("a watch goes on after an answer that is not Consul's, of whatever status", async () => {
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
