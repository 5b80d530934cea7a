/** Which Docker engine, and where its socket is for the containers that use it. */
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { DOCKER_SOCKET } from "../../contract/paths";
import { connect, engineAddress, socketToMount } from "../../settings/docker-engine";

let folder = "";
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "engine-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

function addContext(name: string, host: string): void {
  const id = crypto.createHash("sha256").update(name).digest("hex");
  fs.mkdirSync(path.join(folder, "contexts/meta", id), { recursive: true });
  fs.writeFileSync(
    path.join(folder, "contexts/meta", id, "meta.json"),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}

test("a context wins over docker:host, that over DOCKER_HOST, that over the default", () => {
  addContext("rootless", "unix:///run/user/1000/docker.sock");
  const url = (config: object, env: object): string => engineAddress(config, { DOCKER_CONFIG: folder, ...env }).url;
  expect(url({}, {})).toBe("unix:///var/run/docker.sock");
  expect(url({}, { DOCKER_HOST: "unix:///a" })).toBe("unix:///a");
  expect(url({ host: "unix:///b" }, { DOCKER_HOST: "unix:///b" })).toBe("unix:///b");
  expect(url({ context: "default" }, { DOCKER_HOST: "unix:///a" })).toBe("unix:///a");
  expect(url({ host: "unix:///var/run/docker.sock" }, {})).toBe("unix:///var/run/docker.sock");
  expect(() => url({ context: "gone" }, {})).toThrow(/no Docker context "gone".*docker context ls/);
  // The dynamic resources, in a process of their own, know DOCKER_HOST alone.
  expect(() => url({ host: "unix:///b" }, { DOCKER_HOST: "unix:///a" })).toThrow(/export DOCKER_HOST=unix:\/\/\/b\./);
  expect(() => url({ host: "unix:///b" }, { DOCKER_CONTEXT: "rootless" })).toThrow(
    /unix:\/\/\/run\/user\/1000\/docker.sock \(from the Docker context rootless\).*export DOCKER_HOST=unix:\/\/\/run/,
  );
});

test.each([
  "tcp://127.0.0.1:2375",
  "tcp://localhost:2375",
  "http://[::1]:2375",
  "ssh://me@localhost",
  "npipe:////./pipe/x",
])("%s is this machine", (host) => {
  expect(engineAddress({}, { DOCKER_HOST: host }).url).toBe(host);
});

test.each([
  "tcp://10.0.0.5:2375",
  "ssh://me@docker.example",
  "tcp://localhost.example:2375",
  "tcp://127.0.0.1.example:1",
  "docker.example:2375",
])("%s is another machine, and refused by name", (host) => {
  expect(() => engineAddress({}, { DOCKER_HOST: host })).toThrow(
    new RegExp(`Docker's engine is ${host.replace(/[.[\]]/g, "\\$&")} \\(from DOCKER_HOST\\), on another machine`),
  );
});

const rootless = { SecurityOptions: ["name=seccomp,profile=default", "name=rootless"] };
const at = (url: string): { url: string; source: string } => ({ url, source: "DOCKER_HOST" });

test("containers find the engine's socket where this Linux has it", () => {
  expect(socketToMount(at("unix:///run/user/1000/docker.sock"), rootless, "linux")).toBe("/run/user/1000/docker.sock");
  expect(socketToMount(at("unix:///var/run/docker.sock"), {}, "linux")).toBe(DOCKER_SOCKET);
  expect(socketToMount(at("tcp://127.0.0.1:2375"), {}, "linux")).toBe(DOCKER_SOCKET);
});

test("in a virtual machine it is at its usual place, whatever this system has", () => {
  const desktop = { OperatingSystem: "Docker Desktop" };
  expect(socketToMount(at("unix:///home/me/.docker/desktop/docker.sock"), desktop, "linux")).toBe(DOCKER_SOCKET);
  expect(socketToMount(at("unix:///Users/me/.colima/docker.sock"), {}, "darwin")).toBe(DOCKER_SOCKET);
});

test("a rootless engine that is reached by TCP is refused: the path of its socket is unknown", () => {
  expect(() => socketToMount(at("tcp://127.0.0.1:2375"), rootless, "linux")).toThrow(/DOCKER_HOST=unix:\/\//);
});

test("the same socket by another name makes the same containers", () => {
  const link = path.join(folder, "docker.sock");
  fs.symlinkSync(DOCKER_SOCKET, link);
  expect(socketToMount(at(`unix://${link}`), {}, "linux")).toBe(DOCKER_SOCKET);
});

test("the client speaks to the socket that was named", async () => {
  const socket = path.join(folder, "sock");
  const server = net.createServer((connection) => {
    connection.once("data", () => connection.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  expect(String(await connect(at(`unix://${socket}`)).ping())).toBe("OK");
  await new Promise((resolve) => server.close(resolve));
});
