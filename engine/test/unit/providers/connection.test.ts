/** What a user sees who has no Docker engine, or the wrong settings. */
import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@wordpress-autoscaling/engine/src/provider";
import { dockerProvider } from "@wordpress-autoscaling/engine/src/providers/docker";

const configure = (config: JsonObject): Promise<void> =>
  dockerProvider({ log: () => undefined, programFolder: "/" }).configure(config);

let folder = "";
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-test-socket-"));
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"]) process.env[name] = "";
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
  rmSync(folder, { recursive: true });
});

/** A daemon that only knows its version. */
async function daemon(version: object): Promise<{ host: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(version));
  });
  servers.push(server);
  const socket = join(folder, "docker.sock");
  await new Promise<void>((done) => server.listen(socket, done));
  return { host: `unix://${socket}`, requests };
}

test("no engine: what was tried, where that came from and what to do; each later call fails the same way", async () => {
  const host = `unix://${folder}/nothing.sock`;
  await expect(configure({ host })).rejects.toThrow(
    new RegExp(`^The Docker engine at ${host} \\(from docker:host\\) does not answer: .*ENOENT.*Start it`),
  );
  process.env["DOCKER_HOST"] = host;
  await expect(configure({})).rejects.toThrow(/from DOCKER_HOST/);
  const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
  const read = () => provider.read({ urn: "u", type: "docker:index/volume:Volume", name: "v", id: "v" });
  await expect(read()).rejects.toThrow(/does not answer/);
  await expect(read()).rejects.toThrow(/does not answer/);
});

test("an engine that is too old is told from one that is not there", async () => {
  const { host } = await daemon({ ApiVersion: "1.40" });
  await expect(configure({ host })).rejects.toThrow(/it speaks API 1.40; Docker 20.10 \(API 1.41\) or newer is needed/);
});

test.each([
  ["1.41", "/v1.41/"],
  ["1.51", "/v1.51/"],
  ["1.60", "/v1.51/"],
])("an engine with API %s is spoken to as %s", async (ApiVersion, prefix) => {
  const { host, requests } = await daemon({ ApiVersion, Name: "v", Driver: "local", Mountpoint: "/m" });
  const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
  await provider.configure({ host });
  await provider.read({ urn: "u", type: "docker:index/volume:Volume", name: "v", id: "v" });
  expect(requests).toEqual(["/version", `${prefix}volumes/v`]);
});

test.each<[JsonObject, RegExp]>([
  [{ sshOpts: "[]" }, /docker:sshOpts is not supported/],
  [{ host: "nonsense" }, /"nonsense" \(from docker:host\) is no address/],
  [{ context: "there-is-none" }, /no Docker context "there-is-none"/],
  [{ certMaterial: "x" }, /must be given together/],
])("a wrong setting is named: %j", async (config, message) => {
  await expect(configure(config)).rejects.toThrow(message);
});

test("without the daemon check a preview needs no engine", async () => {
  await expect(configure({ disableDockerDaemonCheck: true, host: "unix:///nothing" })).resolves.toBeUndefined();
});

test("settings are checked before they are used, and kept as the real provider keeps them", async () => {
  const provider = dockerProvider({ log: () => undefined, programFolder: "/" });
  const registryAuth = '[{"username":"u","address":"r","password":"a<&>b"}]';
  expect(await provider.checkConfig?.({ host: "unix:///x", registryAuth, sshOpts: "[]" }, "urn")).toEqual({
    inputs: {
      host: "unix:///x",
      registryAuth: String.raw`[{"address":"r","password":"a\u003c\u0026\u003eb","username":"u"}]`,
      sshOpts: "[]",
    },
    failures: [{ property: "sshOpts", reason: expect.stringContaining("docker:sshOpts is not supported") as string }],
  });
});
