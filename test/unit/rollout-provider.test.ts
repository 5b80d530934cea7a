/** Rollout's provider against an HTTP server that answers as Consul and Docker do; the control plane is played by the test. */
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { rolloutProvider } from "../../components/rollout-provider";
import type { RolloutInputs } from "../../components/rollout-sight";
import { until } from "../../lab/driver/until";

const keys = new Map<string, { value: string; index: number }>();
const waiting = new Set<() => void>();
let index = 1;
/** The containers that Consul has as passing. */
let ready: string[] = [];
const CONTROL_ROLES = ["consul", "consul-template", "registrator", "mysql", "nginx"];
/** Role to what Docker says of its container. */
let parts: Record<string, { State: string; Status: string }> = {};
const allRun = (): typeof parts =>
  Object.fromEntries(CONTROL_ROLES.map((role) => [role, { State: "running", Status: "Up 2 minutes (healthy)" }]));
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
    if (url.pathname === "/containers/json") {
      expect(url.searchParams.get("filters")).toContain("wordpress-autoscaling.stack=t");
      const labels = (role: string): object => ({ "wordpress-autoscaling.role": role });
      response.end(
        JSON.stringify(
          Object.entries(parts).map(([role, one]) => ({ Names: [`/t-${role}`], Labels: labels(role), ...one })),
        ),
      );
    } else if (url.pathname.startsWith("/containers/")) {
      response.writeHead(404).end(JSON.stringify({ message: "No such container" }));
    } else if (url.pathname.startsWith("/v1/health/"))
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
  process.env.DOCKER_HOST = `tcp://127.0.0.1:${port}`;
  inputs = {
    consulUrl: `http://127.0.0.1:${port}`,
    stack: "t",
    members: { a: "id-a", b: "id-b" },
    settingsHash: "s1",
    readySeconds: 20,
    routedSeconds: 20,
    retiredSeconds: 20,
  };
});
const dockerHost = process.env.DOCKER_HOST;
afterAll(() => {
  if (dockerHost === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = dockerHost;
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  keys.clear();
  ready = ["id-a", "id-b"];
  parts = allRun();
});

const member = (name: string): { name: string; containerId: string; address: string } => ({
  name,
  containerId: `id-${name}`,
  address: "10.0.0.1:80",
});
const apply = (generation: number, names: string[], retired = true, more: object = {}): void =>
  put("applied", { generation, members: names.map(member), retired, settingsHash: "s1", ...more });
const want = (generation: number, names: string[]): void =>
  put("desired", { generation, members: names.map((name) => ({ name, containerId: `id-${name}` })) });
const update = (olds: RolloutInputs & { generation: number }, news: RolloutInputs): Promise<unknown> =>
  rolloutProvider.update?.("t-rollout", olds, news) ?? Promise.reject(new Error("no update"));
const diff = (olds: RolloutInputs & { generation: number }, news: RolloutInputs): Promise<unknown> =>
  rolloutProvider.diff?.("t-rollout", olds, news) ?? Promise.reject(new Error("no diff"));
const isWanted = (generation: number): Promise<unknown> =>
  until("desired is written", () => Promise.resolve(desired()?.generation === generation));
/** A promise's state, now. */
const isPending = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, 300, true))]);

test("create writes the desired set, and returns when exactly that is routed and older workers are gone", async () => {
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

test("the desired set is not written before all its members can serve", async () => {
  ready = ["id-a"];
  const created = rolloutProvider.create(inputs);
  expect(await isPending(created)).toBe(true);
  expect(desired()).toBeUndefined();
  ready = ["id-a", "id-b", "id-old"];
  await until("desired is written", () => Promise.resolve(desired()));
  apply(1, ["a", "b"]);
  await created;
});

test("a replica that never becomes ready fails it with the details from Docker, and the desired set stays", async () => {
  put("desired", { generation: 4, members: [{ name: "old", containerId: "id-old" }] });
  ready = ["id-a"];
  await expect(rolloutProvider.create({ ...inputs, readySeconds: 0 })).rejects.toThrow(
    /^1 of 2 replicas are not ready after \d+ s; nothing was taken away[^]*\nb: Docker has no such container\nthe next `up` tries again$/,
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

test("a timeout names the missing replicas and the error of nginx", async () => {
  const failed = rolloutProvider.create({ ...inputs, routedSeconds: 1 });
  await until("desired is written", () => Promise.resolve(desired()));
  apply(1, ["a", "c"], true, { refused: "host not found" });
  await expect(failed).rejects.toThrow(/not routed: b[^]*still routed: c[^]*refused: host not found/);
});

describe("diff compares with the running stack, not with the state", () => {
  const state = (): RolloutInputs & { generation: number } => ({ ...inputs, generation: 3 });
  beforeEach(() => {
    want(3, ["a", "b"]);
    apply(3, ["a", "b"]);
  });

  test("all as wanted is no change, in whatever order", async () => {
    expect(await diff(state(), { ...inputs, members: { b: "id-b", a: "id-a" } })).toEqual({ changes: false });
  });

  test.each<[string, Partial<RolloutInputs>]>([
    ["a replica was made anew under its old name", { members: { a: "id-a", b: "id-b2" } }],
    ["a replica goes", { members: { a: "id-a" } }],
    ["nginx.conf is another", { settingsHash: "s2" }],
  ])("%s: a change", async (_what, news) => {
    expect(await diff(state(), { ...inputs, ...news })).toEqual({ changes: true });
  });

  test.each<[string, () => unknown]>([
    ["a failed `up` wrote another desired set", () => want(4, ["x", "y"])],
    ["Consul has lost the desired set", () => keys.delete("wordpress-autoscaling/t/nginx/desired")],
    ["nginx routes fewer", () => apply(3, ["a"])],
    ["nginx runs other settings", () => apply(3, ["a", "b"], true, { settingsHash: "s0" })],
    ["the record is not the reloader's", () => put("applied", {})],
    ["a replica is not ready", () => (ready = ["id-a"])],
    ["nginx was stopped", () => (parts.nginx = { State: "exited", Status: "Exited (0) 5 seconds ago" })],
    ["registrator is gone", () => delete parts.registrator],
    ["Consul is unhealthy", () => (parts.consul = { State: "running", Status: "Up 2 minutes (unhealthy)" })],
  ])("%s: a change, though the inputs are the same", async (_what, happen) => {
    happen();
    expect(await diff(state(), inputs)).toEqual({ changes: true });
  });

  test("Consul that does not answer is a change", async () => {
    const consulUrl = "http://127.0.0.1:9";
    expect(await diff({ ...state(), consulUrl }, { ...inputs, consulUrl })).toEqual({ changes: true });
  });

  test("a refresh reads the set and the settings that nginx has", async () => {
    apply(3, ["a"], true, { settingsHash: "s0" });
    expect(await rolloutProvider.read?.("t-rollout", state())).toEqual({
      id: "t-rollout",
      props: { ...state(), members: { a: "id-a" }, settingsHash: "s0" },
    });
    parts.nginx = { State: "exited", Status: "Exited (0) 5 seconds ago" };
    expect((await rolloutProvider.read?.("t-rollout", state()))?.props?.members).toEqual({});
  });
});

test("a revision taken back after a failed `up` is routed again, and what the failed one routed is retired first", async () => {
  const state = { ...inputs, generation: 3 };
  want(3, ["a", "b"]);
  apply(3, ["a", "b"]);
  ready = ["id-a", "id-b", "id-x", "id-y"];
  await expect(update(state, { ...inputs, members: { x: "id-x", y: "id-y" }, routedSeconds: 0 })).rejects.toThrow(
    /not routed: x, y/,
  );
  apply(4, ["x", "y"]); // nginx followed a moment later
  expect(await diff(state, inputs)).toEqual({ changes: true });
  const back = update(state, inputs);
  await isWanted(5);
  apply(5, ["a", "b"], false);
  expect(await isPending(back)).toBe(true);
  apply(5, ["a", "b"]);
  await back;
});

test("a scale-down that was cut short, scaled up again, ends with all of them routed", async () => {
  const members = { ...inputs.members, c: "id-c" };
  const state = { ...inputs, members, generation: 3 };
  ready = ["id-a", "id-b", "id-c"];
  want(4, ["a"]);
  apply(4, ["a"]);
  expect(await diff(state, { ...inputs, members })).toEqual({ changes: true });
  const grown = update(state, { ...inputs, members });
  await isWanted(5);
  apply(5, ["a", "b", "c"]);
  await grown;
});

test("new settings that nginx refuses fail it with nginx's words, though the members are the same", async () => {
  const state = { ...inputs, generation: 3 };
  want(3, ["a", "b"]);
  apply(3, ["a", "b"]);
  const failed = update(state, { ...inputs, settingsHash: "s2", routedSeconds: 1 });
  await isWanted(4);
  apply(3, ["a", "b"], true, { refused: 'unknown directive "oops" in nginx.conf:3' });
  await expect(failed).rejects.toThrow(/does not run the new settings[^]*refused: unknown directive "oops"/);
});

test("it does not end while nginx is stopped, and says so", async () => {
  parts.nginx = { State: "exited", Status: "Exited (137) 5 seconds ago" };
  const failed = rolloutProvider.create({ ...inputs, routedSeconds: 1, retiredSeconds: 0 });
  await isWanted(1);
  apply(1, ["a", "b"]);
  await expect(failed).rejects.toThrow(/t-nginx: Exited \(137\)/);
});

test("an unknown member, at a preview, is a change", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9" as unknown as Record<string, string>;
  expect(await diff({ ...inputs, generation: 1 }, { ...inputs, members: unknown })).toEqual({ changes: true });
});
