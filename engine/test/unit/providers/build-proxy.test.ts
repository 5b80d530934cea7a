/** Which of Docker's predefined proxy arguments a build gets. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProxy } from "@wordpress-autoscaling/engine/src/providers/docker/build-proxy";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "engine-test-proxy-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const HOST = "unix:///var/run/docker.sock";
const of = (env: Record<string, string>, given: Record<string, string> = {}, host = HOST) =>
  buildProxy(given, host, { DOCKER_CONFIG: folder, ...env });
const configure = (proxies: object): void => writeFileSync(join(folder, "config.json"), JSON.stringify({ proxies }));

test("none where the host has none", () => {
  expect(of({})).toEqual({ arguments: {}, onLoopback: false });
  expect(of({ http_proxy: "", HTTP_PROXY: "" }).arguments).toEqual({});
});

test("the environment's, in either case, are given in both", () => {
  const both = { HTTP_PROXY: "http://p:3128", http_proxy: "http://p:3128", NO_PROXY: ".lan", no_proxy: ".lan" };
  expect(of({ HTTP_PROXY: "http://p:3128", no_proxy: ".lan" })).toEqual({ arguments: both, onLoopback: false });
});

test("docker's own configuration wins over the environment, that of the engine over the default", () => {
  configure({ default: { httpProxy: "http://d:1" }, [HOST]: { httpProxy: "http://h:1", httpsProxy: "http://h:2" } });
  const env = { http_proxy: "http://e:1", https_proxy: "http://e:2" };
  expect(of(env).arguments).toMatchObject({ HTTP_PROXY: "http://h:1", https_proxy: "http://h:2" });
  expect(of(env, {}, "tcp://x:1").arguments).toMatchObject({ http_proxy: "http://d:1", https_proxy: "http://e:2" });
});

test("an argument of the build's own wins, in either case", () => {
  expect(of({ http_proxy: "http://p:1" }, { HTTP_PROXY: "" }).arguments).toEqual({});
  expect(of({ http_proxy: "http://p:1" }, { http_proxy: "http://q:1" }).arguments).toEqual({});
});

test("a configuration that cannot be read is passed over", () => {
  writeFileSync(join(folder, "config.json"), "{");
  expect(of({ http_proxy: "http://p:1" }).arguments).toHaveProperty("http_proxy");
  writeFileSync(join(folder, "config.json"), '{"proxies": 3, "auths": {}}');
  expect(of({ http_proxy: "http://p:1" }).arguments).toHaveProperty("http_proxy");
});

test.each([
  ["http://127.0.0.1:3128", true],
  ["localhost:3128", true],
  ["http://user:word@localhost", true],
  ["http://[::1]:3128", true],
  ["http://localhost.example:3128", false],
  ["http://10.127.0.1:3128", false],
])("%s is on this machine's loopback address: %s", (proxy, expected) => {
  expect(of({ https_proxy: proxy }).onLoopback).toBe(expected);
  expect(of({ no_proxy: proxy }).onLoopback).toBe(false);
});
