/** What must not be seen, and what must not be reached. */
import * as fs from "node:fs";
import * as path from "node:path";
import { TestStack, docker, execIn } from "../../lab/driver/stack";
import { closedPathTests } from "../support/closed-paths-suite";

let stack: TestStack;
let upOutput: string;
beforeAll(async () => {
  stack = await TestStack.create("test-security", 2, { wordpressReplicas: "1" });
  ({ output: upOutput } = await stack.up());
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Every secret of the stack, read from where it is used. */
async function secrets(): Promise<string[]> {
  const { adminPassword } = await stack.outputs();
  const mysql = await stack.container("mysql");
  const wordpress = await stack.container("wordpress");
  const files = [
    ...(await Promise.all(
      ["mysql-password", "mysql-root-password"].map((file) => execIn(mysql.Id, ["cat", `/run/secrets/${file}`])),
    )),
    ...(await Promise.all(
      ["db-password", "auth-key", "nonce-salt"].map((file) => execIn(wordpress.Id, ["cat", `/run/secrets/${file}`])),
    )),
  ];
  const found = [adminPassword, ...files.map(({ output }) => output.trim())];
  for (const secret of found) expect(secret.length).toBeGreaterThanOrEqual(24);
  return found;
}

test("no secret is in plaintext in the state, the output, the logs, the environment, the images or their history", async () => {
  const places: Record<string, string> = { "the output of up": upOutput };
  for (const entry of fs.readdirSync(stack.folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile()) places[file] = fs.readFileSync(file, "utf8");
  }
  places["the stack's configuration"] = fs.readFileSync(stack.configFile, "utf8");
  for (const container of await stack.containers()) {
    places[`inspect of ${container.Name}`] = JSON.stringify([
      container.Config,
      container.HostConfig,
      container.State.Health ?? null,
    ]);
    places[`logs of ${container.Name}`] = (
      await docker.getContainer(container.Id).logs({ stdout: true, stderr: true, follow: false })
    ).toString("utf8");
    places[`image of ${container.Name}`] = JSON.stringify([
      await docker.getImage(container.Image).inspect(),
      await docker.getImage(container.Image).history(),
    ]);
    if (container.State.Running) {
      places[`processes of ${container.Name}`] = JSON.stringify(
        await docker.getContainer(container.Id).top({ ps_args: "-eo pid,args" }),
      );
    }
  }
  expect(Object.keys(places).length).toBeGreaterThan(20);
  for (const secret of await secrets()) {
    const leaks = Object.keys(places).filter((place) => places[place]?.includes(secret));
    expect(leaks).toEqual([]);
  }
});

test("nothing but 127.0.0.1 is bound on the host", async () => {
  const published = (await stack.containers()).flatMap((container) => Object.values(container.NetworkSettings.Ports));
  // A port that is exposed and not published is null.
  const bindings = (published as ({ HostIp: string; HostPort: string }[] | null)[]).flatMap((ports) => ports ?? []);
  expect(bindings.map((binding) => `${binding.HostIp}:${binding.HostPort}`).sort()).toEqual(
    [`127.0.0.1:${stack.httpPort}`, `127.0.0.1:${stack.consulPort}`].sort(),
  );
  // The kernel's own list: local address and port in hexadecimal, state 0A is listening.
  const listening = ["tcp", "tcp6"]
    .flatMap((family) => fs.readFileSync(`/proc/net/${family}`, "utf8").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === "0A")
    .map(([, local]) => local ?? "");
  for (const port of [stack.httpPort, stack.consulPort]) {
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const addresses = new Set(listening.filter((local) => local.endsWith(suffix)));
    expect([...addresses]).toEqual([`0100007F${suffix}`]);
  }
});

/** Whether a container can open a TCP connection: bash's own socket, which every image of ours has. */
async function canOpen(role: string, address: string, port: number): Promise<boolean> {
  const container = await stack.container(role);
  const { code } = await execIn(container.Id, ["timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]);
  return code === 0;
}
async function addressOf(role: string, network: string): Promise<string> {
  const { NetworkSettings } = await stack.container(role);
  const address = NetworkSettings.Networks[`${stack.name}-${network}`]?.IPAddress;
  if (address === undefined) throw new Error(`${role} is not on ${network}`);
  return address;
}

test("each role reaches what it needs, and nothing else", async () => {
  const mysql = await addressOf("mysql", "backend");
  const consulControl = await addressOf("consul", "control");
  const consulBackend = await addressOf("consul", "backend");
  const replica = await addressOf("wordpress", "frontend");
  // The probe itself works: what has to be open is.
  expect(await canOpen("wordpress", mysql, 3306)).toBe(true);
  expect(await canOpen("nginx", replica, 80)).toBe(true);
  expect(await canOpen("consul-template", consulControl, 8500)).toBe(true);
  expect(await canOpen("wordpress", consulBackend, 53)).toBe(true);

  expect(await canOpen("nginx", mysql, 3306)).toBe(false);
  expect(await canOpen("consul-template", mysql, 3306)).toBe(false);
  expect(await canOpen("registrator", mysql, 3306)).toBe(false);
  expect(await canOpen("wordpress", consulControl, 8500)).toBe(false);
  expect(await canOpen("wordpress", consulBackend, 8500)).toBe(false);
  expect(await canOpen("mysql", consulBackend, 8500)).toBe(false);
  expect(await canOpen("nginx", consulControl, 8500)).toBe(false);
});

describe("closed paths", () => closedPathTests(() => stack));

test("no other name is answered for, and claimed addresses are not believed", async () => {
  await expect(stack.site.get("/", { Host: "another.example" })).rejects.toThrow();
  const page = await stack.site.get("/", { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example" });
  expect(page.body).not.toMatch(/evil\.example|https:\/\/127\.0\.0\.1/);
});

test("no role runs with a capability that it was not given, nor may gain one", async () => {
  for (const container of await stack.containers()) {
    if (!container.State.Running) continue;
    const { output } = await execIn(container.Id, ["grep", "-E", "CapBnd|NoNewPrivs", "/proc/1/status"]);
    // One bit for each of 41 capabilities; a number's bitwise operators see only 32.
    const bounding = BigInt(`0x${/CapBnd:\s*([0-9a-f]+)/.exec(output)?.[1] ?? "ffff"}`);
    const rest = (bounding & ~(1n << 10n)).toString(16);
    expect({ name: container.Name, rest }).toEqual({ name: container.Name, rest: "0" });
    expect(output).toMatch(/NoNewPrivs:\s*1/);
  }
});
