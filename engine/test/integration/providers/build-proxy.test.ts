/** A host whose builds reach nothing but by an HTTP proxy: the name that they ask for exists there alone. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { BASE, docker, Fixture, IMAGE, type Made } from "./fixture";

const URL_BY_PROXY = "http://only-by-proxy.invalid/answer";
const saved = { ...process.env };
let fixture: Fixture;
let proxy: Server;
let asked: string[] = [];

beforeAll(async () => {
  fixture = await Fixture.start();
  proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("by the proxy");
  });
  await new Promise<void>((done) => proxy.listen(0, "0.0.0.0", done));
  mkdirSync(join(fixture.folder, "app"));
  const lines = [`FROM ${BASE}`, `RUN busybox wget -q -O /answer ${URL_BY_PROXY} && cat /answer`];
  writeFileSync(join(fixture.folder, "app/Dockerfile"), `${lines.join("\n")}\n`);
});
afterEach(() => (process.env = { ...saved }));
afterAll(async () => {
  await new Promise((done) => proxy.close(done));
  await fixture.stop();
});

const at = (host: string): string => `http://${host}:${(proxy.address() as AddressInfo).port}`;
const build = (word: string, more: object = {}): Promise<Made> =>
  fixture.create(IMAGE, {
    name: `engine-test:${word}-${process.pid}`,
    build: { context: "app", noCache: true, ...more },
  });

/** Docker's own bridge: where a container reaches this host. */
async function gateway(): Promise<string> {
  const { IPAM } = (await docker.getNetwork("bridge").inspect()) as { IPAM: { Config: { Gateway?: string }[] } };
  return IPAM.Config[0]?.Gateway ?? "172.17.0.1";
}

test("without it, a build fails", async () => {
  for (const name of ["http_proxy", "HTTP_PROXY"]) process.env[name] = "";
  await expect(build("none")).rejects.toThrow(/only-by-proxy/);
});

test.each([
  ["BuildKit", {}, "on the network", gateway],
  ["the classic builder", { useLegacyBuilder: true }, "on the network", gateway],
  ["BuildKit", {}, "on this machine's loopback address", () => Promise.resolve("127.0.0.1")],
])("%s %j reaches a proxy %s; neither the state nor the image knows of it", async (_, builder, _where, address) => {
  asked = [];
  process.env["HTTP_PROXY"] = at(await address());
  process.env["http_proxy"] = "";
  const made = await build("proxied", builder);
  expect(asked).toEqual([URL_BY_PROXY]);
  expect(JSON.stringify([made.inputs, made.outputs])).not.toMatch(/proxy/i);
  const history = (await docker.getImage(made.id.slice(0, 71)).history()) as unknown;
  expect(JSON.stringify(history)).not.toContain(process.env["HTTP_PROXY"]);
  process.env["HTTP_PROXY"] = "http://another.invalid:1";
  expect((await fixture.diff(made)).changes).toBe("none");
  await fixture.delete(made);
});
