/** Rollout's provider against an HTTP server that answers as Consul's key-value store does; the control plane is played by the test. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { rolloutProvider, type RolloutInputs } from "../../components/rollout-provider";
import { until } from "../support/until";

const keys = new Map<string, { value: string; index: number }>();
const waiting = new Set<() => void>();
let index = 1;
/** The containers that Consul has as passing. */
let ready: string[] = [];
const put = (name: string, value: unknown): void => {
  keys.set(`wordpress-autoscaling/t/nginx/${name}`, { value: JSON.stringify(value), index: ++index });
  for (const wake of waiting) wake();
};
const desired = (): { generation: number; members: { name: string; containerId: string }[] } | undefined => {
  const record = keys.get("wordpress-autoscaling/t/nginx/desired");
  return record && (JSON.parse(record.value) as ReturnType<typeof desired>);
};

const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://consul");
  const key = decodeURIComponent(url.pathname.replace("/v1/kv/", ""));
  const answer = (): void => {
    response.setHeader("Content-Type", "application/json");
    const record = keys.get(key);
    if (url.pathname.startsWith("/v1/health/"))
      response.end(JSON.stringify(ready.map((id) => ({ Service: { Meta: { "container-id": id } } }))));
    else if (record === undefined) response.writeHead(404).end();
    else
      response.end(
        JSON.stringify([{ Key: key, Value: Buffer.from(record.value).toString("base64"), ModifyIndex: record.index }]),
      );
  };
  if (request.method === "PUT") {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      keys.set(key, { value: body, index: ++index });
      response.end("true");
    });
  } else if (url.searchParams.has("index") && keys.get(key)?.index === Number(url.searchParams.get("index"))) {
    const wake = (): void => {
      waiting.delete(wake);
      clearTimeout(timer);
      answer();
    };
    const timer = setTimeout(wake, 1000);
    waiting.add(wake);
  } else answer();
});

let inputs: RolloutInputs;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  inputs = {
    consulUrl: `http://127.0.0.1:${port}`,
    stack: "t",
    members: { a: "id-a", b: "id-b" },
    readySeconds: 20,
    routedSeconds: 20,
    retiredSeconds: 20,
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  keys.clear();
  ready = ["id-a", "id-b"];
});

const member = (name: string): { name: string; containerId: string; address: string } => ({
  name,
  containerId: `id-${name}`,
  address: "10.0.0.1:80",
});
const apply = (generation: number, names: string[], retired = true, refused?: string): void =>
  put("applied", { generation, members: names.map(member), retired, ...(refused !== undefined && { refused }) });
/** A promise's state, now. */
const isPending = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, 300, true))]);

test("create writes who is wanted, and returns when exactly those are routed and older workers are gone", async () => {
  const created = rolloutProvider.create(inputs);
  await until("desired is written", () => Promise.resolve(desired()));
  expect(desired()).toEqual({
    generation: 1,
    members: [
      { name: "a", containerId: "id-a" },
      { name: "b", containerId: "id-b" },
    ],
  });
  apply(1, ["a"]);
  expect(await isPending(created)).toBe(true);
  apply(1, ["a", "b", "old"]);
  expect(await isPending(created)).toBe(true);
  apply(1, ["b", "a"], false);
  expect(await isPending(created)).toBe(true);
  apply(1, ["b", "a"], true);
  expect((await created).outs).toMatchObject({ generation: 1 });
});

test("nobody is said to be unwanted before all that are wanted can serve", async () => {
  ready = ["id-a"];
  const created = rolloutProvider.create(inputs);
  expect(await isPending(created)).toBe(true);
  expect(desired()).toBeUndefined();
  ready = ["id-a", "id-b", "id-old"];
  await until("desired is written", () => Promise.resolve(desired()));
  apply(1, ["a", "b"]);
  await created;
});

test("one that never gets ready fails it with Docker's words, and who was wanted stays wanted", async () => {
  put("desired", { generation: 4, members: [{ name: "old", containerId: "id-old" }] });
  ready = ["id-a"];
  await expect(rolloutProvider.create({ ...inputs, readySeconds: 0 })).rejects.toThrow(
    /^1 of 2 replicas are not ready after \d+ s; nothing was taken away[^]*\nb: [^]*the next `up` tries again$/,
  );
  expect(desired()?.generation).toBe(4);
});

test("generations grow on after Consul was wiped", async () => {
  const updated = rolloutProvider.update?.("t-rollout", { ...inputs, generation: 7 }, inputs);
  await until("desired is written", () => Promise.resolve(desired()));
  expect(desired()?.generation).toBe(8);
  apply(8, ["a", "b"]);
  await updated;
});

test("an update that only adds does not wait for older workers; one that removes does", async () => {
  put("desired", { generation: 7, members: [] });
  const grown =
    rolloutProvider.update?.("t-rollout", { ...inputs, members: { a: "id-a" }, generation: 7 }, inputs) ??
    Promise.reject(new Error());
  await until("desired is written", () => Promise.resolve(desired()?.generation === 8));
  apply(8, ["a", "b"], false);
  expect((await grown).outs).toMatchObject({ generation: 8 });

  const shrunk =
    rolloutProvider.update?.("t-rollout", { ...inputs, generation: 8 }, { ...inputs, members: { a: "id-a" } }) ??
    Promise.reject(new Error());
  await until("desired is written", () => Promise.resolve(desired()?.generation === 9));
  apply(9, ["a"], false);
  expect(await isPending(shrunk)).toBe(true);
  apply(9, ["a"], true);
  await shrunk;
});

test("a timeout names who is missing and what nginx said", async () => {
  const failed = rolloutProvider.create({ ...inputs, routedSeconds: 1 });
  await until("desired is written", () => Promise.resolve(desired()));
  apply(1, ["a", "c"], true, "host not found");
  await expect(failed).rejects.toThrow(/not routed: b[^]*still routed: c[^]*refused: host not found/);
});

test("a replica that was made anew under its old name is a change; order is none", async () => {
  const olds = { ...inputs, generation: 1 };
  const diff = (members: Record<string, string>) => rolloutProvider.diff?.("t-rollout", olds, { ...inputs, members });
  expect(await diff({ b: "id-b", a: "id-a" })).toEqual({ changes: false });
  expect(await diff({ a: "id-a", b: "id-b2" })).toEqual({ changes: true });
  expect(await diff({ a: "id-a" })).toEqual({ changes: true });
});
