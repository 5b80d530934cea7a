/** The whole program by mocks: what it registers, with which inputs. */
import * as pulumi from "@pulumi/pulumi";
import { mockPulumi, valueOf, type Registered } from "../support/program";

// The code of a dynamic provider cannot be serialised under Jest.
jest.mock("@pulumi/pulumi/dynamic", () => {
  const { CustomResource } = jest.requireActual<typeof import("@pulumi/pulumi/resource")>("@pulumi/pulumi/resource");
  return {
    Resource: class extends CustomResource {
      constructor(_provider: unknown, name: string, args: object, options: object, module: string, type: string) {
        super(`pulumi-nodejs:dynamic/${module}:${type}`, name, args, options);
      }
    },
  };
});

import { goDuration, shapeHash } from "../../components/container";
import { compose } from "../../components/compose";
import { settingsWith } from "../support/settings";

/** Composes the program as index.ts does, under fresh mocks; returns what it registers once all of it has. */
async function deploy(values: Record<string, string> = {}, replicas = 3): Promise<Registered[]> {
  const recording = await mockPulumi("unit");
  const outputs = await compose(settingsWith(values), replicas, { neighbours: [], memoryMiB: 8192 });
  expect(await valueOf(pulumi.output(outputs.replicas))).toBe(replicas);
  await pulumi.runtime.disconnect();
  return recording;
}

let registered: Registered[] = [];

interface ContainerInputs {
  name: string;
  image: string;
  envs: string[];
  labels: { label: string; value: string }[];
  networksAdvanced: { name: string; ipv4Address?: string }[];
  ports?: { internal: number; external: number; ip: string }[];
  capabilities: { drops: string[]; adds: string[] };
  securityOpts: string[];
  memory: number;
  memorySwap: number;
  restart: string;
  init: boolean;
  uploads: { file: string; content: string }[];
  destroyGraceSeconds?: number;
  stopTimeout?: number;
  healthcheck?: { interval: string };
  logOpts: Record<string, string>;
  dns?: string[];
}
const containers = (): (ContainerInputs & { role: string })[] =>
  registered
    .filter(({ type }) => type === "docker:index/container:Container")
    .map(({ inputs }) => inputs as unknown as ContainerInputs)
    .map((inputs) => ({ ...inputs, role: inputs.labels.find(({ label }) => label.endsWith(".role"))?.value ?? "" }));
const container = (role: string): ContainerInputs => {
  const found = containers().find((one) => one.role === role);
  if (found === undefined) throw new Error(`no container of role ${role}`);
  return found;
};

/** The names of the replicas, and the revision that they carry. */
const revisionOf = (recording: Registered[]): { revision: string; names: string[] } => {
  const names = recording
    .filter(({ type }) => type === "docker:index/container:Container")
    .map(({ inputs }) => String(inputs.name))
    .filter((name) => name.startsWith("unit-wordpress-"));
  return { revision: /^unit-wordpress-(\w{8})-1$/.exec(names[0] ?? "")?.[1] ?? "none", names };
};

beforeAll(async () => {
  registered = await deploy({ exposeUpstream: "true" });
});

test("replicas are named by their revision and numbered from 1", () => {
  const { revision, names } = revisionOf(registered);
  expect(names).toEqual([1, 2, 3].map((index) => `unit-wordpress-${revision}-${index}`));
});

test("every container is least privilege, bounded and labelled", () => {
  expect(
    containers()
      .map(({ role }) => role)
      .sort(),
  ).toEqual(
    [
      "consul",
      "consul-template",
      "cron",
      "installer",
      "mysql",
      "nginx",
      "registrator",
      "wordpress",
      "wordpress",
      "wordpress",
    ].sort(),
  );
  for (const one of containers()) {
    expect(one).toMatchObject({
      securityOpts: ["no-new-privileges:true"],
      init: true,
      memorySwap: one.memory,
      logOpts: { "max-size": "10m" },
    });
    expect(one.capabilities.drops).toEqual(["ALL"]);
    expect(one.capabilities.adds.every((name) => name === "CAP_NET_BIND_SERVICE")).toBe(true);
    expect(one.name).toMatch(/^unit-/);
    expect(one.labels).toContainEqual({ label: "wordpress-autoscaling.stack", value: "unit" });
    if (one.role !== "installer")
      expect(one).toMatchObject({
        restart: one.role === "nginx" ? "always" : "unless-stopped",
        destroyGraceSeconds: one.stopTimeout,
        stopTimeout: expect.any(Number) as number,
      });
  }
});

test("each role is on its networks alone, and only 127.0.0.1 is published", () => {
  const on = (role: string): string[] =>
    container(role)
      .networksAdvanced.map(({ name }) => name.replace("unit-", ""))
      .sort();
  expect(on("consul")).toEqual(["backend", "control"]);
  expect(on("consul-template")).toEqual(["control"]);
  expect(on("registrator")).toEqual(["control"]);
  expect(on("mysql")).toEqual(["backend"]);
  expect(on("wordpress")).toEqual(["backend", "frontend"]);
  expect(on("nginx")).toEqual(["frontend"]);
  const published = containers().flatMap(({ ports = [] }) => ports);
  expect(published.map(({ ip, external }) => `${ip}:${external}`).sort()).toEqual(["127.0.0.1:8080", "127.0.0.1:8500"]);
});

test("no secret is in an environment or a label", () => {
  const secrets = registered.filter(({ type }) => type.startsWith("random:")).map(({ name }) => `secret-${name}`);
  expect(secrets.length).toBeGreaterThanOrEqual(11);
  for (const one of containers()) {
    const plain = JSON.stringify([one.envs, one.labels]);
    for (const secret of secrets) expect(plain).not.toContain(secret);
  }
  expect(container("mysql").uploads).toContainEqual(
    expect.objectContaining({ file: "/run/secrets/mysql-password", content: "secret-mysql-password" }),
  );
});

test("replicas find MySQL by Consul's DNS", () => {
  const replica = container("wordpress");
  expect(replica.envs).toContain("WORDPRESS_DB_HOST=mysql.service.consul");
  expect(replica.dns).toEqual(["10.201.2.2"]);
});

test("a replica's grace covers its drain and its longest request, whoever stops it; nginx's covers its older workers", () => {
  expect(container("wordpress")).toMatchObject({ destroyGraceSeconds: 72, stopTimeout: 72 });
  expect(container("nginx")).toMatchObject({ destroyGraceSeconds: 71, stopTimeout: 71 });
});

test("scaling, and what no replica has, change no revision", async () => {
  const { revision } = revisionOf(registered);
  expect(revisionOf(await deploy({}, 5)).revision).toBe(revision);
  const others = {
    wordpressReplicas: "7",
    siteTitle: "Another",
    adminEmail: "b@example.com",
    mysqlMemoryMiB: "1024",
    keepaliveMinSeconds: "5",
    exposeUpstream: "false",
    consulPort: "8501",
  };
  expect(revisionOf(await deploy(others)).revision).toBe(revision);
});

test("what a replica is made of changes the revision", async () => {
  const changes = {
    rotation: "2",
    wordpressMemoryMiB: "640",
    wordpressWorkers: "6",
    uploadMaxMiB: "32",
    maxRequestSeconds: "30",
    drainSeconds: "20",
    serverName: "example.com",
    httpPort: "8081",
    backendSubnet: "10.202.2.0/23",
  };
  const revisions = [revisionOf(registered).revision];
  for (const [key, value] of Object.entries(changes))
    revisions.push(revisionOf(await deploy({ [key]: value })).revision);
  expect(new Set(revisions).size).toBe(1 + Object.keys(changes).length);
});

test("the shape of the container itself is part of the hash, whatever gives it; its name and secrets are not", () => {
  const args = { role: "wordpress", image: pulumi.output("image"), memoryMiB: 64, networks: [] };
  const plain = shapeHash(args, []);
  expect(shapeHash({ ...args, files: {} }, [])).toBe(plain);
  const variants = [
    { ...args, health: { command: ["true"] } },
    { ...args, health: { command: ["true"], intervalSeconds: 9 } },
    { ...args, files: { "/run/secrets/a": pulumi.secret("one") } },
    { ...args, capabilities: ["CHOWN"] },
    { ...args, restart: "always" as const },
    { ...args, graceSeconds: 11 },
    { ...args, labels: { a: "b" } },
  ];
  expect(new Set([plain, ...variants.map((one) => shapeHash(one, []))]).size).toBe(variants.length + 1);
  expect(shapeHash({ ...args, files: { "/run/secrets/a": pulumi.secret("two") } }, [])).toBe(
    shapeHash({ ...args, files: { "/run/secrets/a": pulumi.secret("one") } }, []),
  );
});

test("the installer is created, not started: an Installation runs it before any replica", () => {
  expect(container("installer")).toMatchObject({ start: false, mustRun: false, restart: "no" });
  const { revision } = revisionOf(registered);
  expect(registered).toContainEqual(
    expect.objectContaining({
      type: "pulumi-nodejs:dynamic/wordpress-autoscaling:Installation",
      name: `wordpress-installation-${revision}`,
    }),
  );
  expect(container("wordpress").envs).toContain(`WORDPRESS_REVISION=${revision}`);
});

test("an image that the configuration names is pulled, not built, and consul-template's is built on nginx's", async () => {
  const other = await deploy({ images: '{"mysql":"registry.example/mysql:8.4"}' });
  const image = (name: string): Record<string, unknown> =>
    other.find((one) => one.type === "docker:index/remoteImage:RemoteImage" && one.name === name)?.inputs ?? {};
  expect(image("images-mysql")).toEqual({ name: "registry.example/mysql:8.4", keepLocally: true });
  expect(image("images-consul-template").build).toMatchObject({
    context: ".",
    buildArgs: { NGINX_IMAGE: image("images-nginx").name },
  });
});

test("durations are spelled as Go does", () => {
  expect([0.2, 1, 60, 90, 3600, 3661].map(goDuration)).toEqual(["200ms", "1s", "1m0s", "1m30s", "1h0m0s", "1h1m1s"]);
});
