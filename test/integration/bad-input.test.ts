/** Bad input: a clear error at `preview`, before anything changes, naming the key, the value and what is allowed. */
import * as fs from "node:fs";
import * as net from "node:net";
import { STACK_LABEL } from "../../contract/labels";
import { TestStack, docker } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-bad-input", 3, { wordpressReplicas: "1" });
});
afterAll(() => stack[Symbol.asyncDispose]());

test.each([
  ["wordpressReplicas", "0", /wordpressReplicas is "0": a whole number from 1 to 100/],
  ["wordpressReplicas", "-1", /wordpressReplicas is "-1": a whole number from 1 to 100/],
  ["wordpressReplicas", "2.5", /wordpressReplicas.*integer/s],
  ["wordpressReplicas", "three", /wordpressReplicas.*integer/s],
  ["wordpressReplicas", "101", /wordpressReplicas is "101": a whole number from 1 to 100/],
  ["frontendSubnet", "10.220.24.0", /frontendSubnet is "10.220.24.0": an IPv4 subnet in CIDR form/],
  ["backendSubnet", "10.220.24.0/24", /backendSubnet is .* does not overlap frontendSubnet/],
  ["frontendSubnet", "10.220.24.0/28", /frontendSubnet is .* upper half holds/],
  ["httpPort", "70000", /httpPort is "70000": a whole number from 1 to 65535/],
  ["adminEmail", "admin.example.com", /adminEmail is "admin.example.com": a mail address/],
  ["wordpressReplica", "3", /wordpressReplica is not a key of this project \(did you mean wordpressReplicas\?\)/],
  // this stack has wordpressReplicas
  ["autoscale", '{"min":1,"max":3,"targetCpuPercent":50}', /wordpressReplicas is "1": nothing where autoscale is set/],
  ["autoscale", '{"min":1,"max":3,"targetCpu":50}', /autoscale.targetCpu is "50": not a key of it/],
  ["images", '{"apache":"httpd:2"}', /images.apache is "httpd:2": not a role; the roles are consul/],
])("%s = %s", async (key, value, message) => {
  const before = fs.readFileSync(stack.configFile, "utf8");
  await stack.set(key, value);
  const preview = await stack.try(["preview"]);
  fs.writeFileSync(stack.configFile, before);
  expect(preview.code).not.toBe(0);
  // A terminal's line breaks and indentation are no part of the message.
  expect(preview.output.replace(/\s+/g, " ")).toMatch(message);
  expect(preview.output).not.toMatch(/^\s+at .*node_modules/m);
  expect(await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${stack.name}`] } })).toEqual([]);
});

test("a wrong passphrase", async () => {
  const ran = await stack.try(["preview"], { env: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
  expect(ran.code).not.toBe(0);
  expect(ran.output).toMatch(/incorrect passphrase/);
});

test("a corrupt state file is named, and left as it is", async () => {
  const kept = fs.readFileSync(stack.stateFile);
  fs.writeFileSync(stack.stateFile, '{"version": 3, "checkpoint": {');
  try {
    const ran = await stack.try(["preview"]);
    expect(ran.code).not.toBe(0);
    expect(ran.output).toContain(`${stack.name}.json`);
    expect(fs.readFileSync(stack.stateFile, "utf8")).toBe('{"version": 3, "checkpoint": {');
  } finally {
    fs.writeFileSync(stack.stateFile, kept);
  }
});

test("Docker not running", async () => {
  const ran = await stack.try(["preview"], { env: { DOCKER_HOST: "unix:///nonexistent/docker.sock" } });
  expect(ran.code).not.toBe(0);
  expect(ran.output).toMatch(/Docker does not answer at unix:\/\/\/nonexistent\/docker\.sock/);
});

test("a port taken on the host is named by key and number, and the rest stands", async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(stack.httpPort, "127.0.0.1", resolve));
  try {
    const ran = await stack.try(["up", "--yes", "--skip-preview"]);
    expect(ran.code).not.toBe(0);
    expect(ran.output).toContain(`httpPort is ${stack.httpPort}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a stack that another run has locked says by whom", async () => {
  const first = stack.try(["up", "--yes", "--skip-preview"]);
  const folder = `${stack.folder}/.pulumi/locks`;
  const locks = (): string[] =>
    (fs.readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".json"));
  await until("the first run has locked the stack", () => locks().length > 0, { pauseMs: 20 });
  const second = await stack.try(["up", "--yes", "--skip-preview"]);
  expect(second.code).not.toBe(0);
  expect(second.output).toMatch(/locked/);
  expect(second.output).toMatch(/pid \d+/);
  expect((await first).code).toBe(0);
});
