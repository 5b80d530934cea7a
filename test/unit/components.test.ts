/** The components by mocks: what they register, with which inputs. */
import { mockPulumi, valueOf, type Registered } from "../support/program";

import { Consul } from "../../components/consul";
import { ConsulTemplate } from "../../components/consul-template";
import { goDuration } from "../../components/container";
import { Images } from "../../components/images";
import { MySql } from "../../components/mysql";
import { Networks } from "../../components/networks";
import { Nginx } from "../../components/nginx";
import { Registrator } from "../../components/registrator";
import { WordPress, type WordPressArgs } from "../../components/wordpress";
import { declaredAddress, parseSubnet } from "../../subnet";

const frontend = parseSubnet("10.1.0.0/24");
const backend = parseSubnet("10.1.1.0/24");
const control = parseSubnet("10.1.2.0/24");
const limits = {
  drainSeconds: 12,
  maxRequestSeconds: 60,
  uploadMaxMiB: 64,
  wordpressMemoryMiB: 512,
  wordpressWorkers: 12,
};
const site = {
  title: "T",
  url: "http://localhost:8080",
  serverNames: ["localhost"],
  adminUser: "admin",
  adminEmail: "a@b.c",
};

/** The program of index.ts, but for Rollout, whose provider's code cannot be serialised under Jest. */
const compose = () => {
  const images = new Images("images", { mysql: "registry.example/mysql:8.4" });
  const networks = new Networks("networks", { frontend, backend, control });
  const consul = new Consul("consul", {
    networks,
    controlAddress: declaredAddress(control, 2),
    backendAddress: declaredAddress(backend, 2),
    hostPort: 8500,
    image: images.consul,
  });
  const consulTemplate = new ConsulTemplate("consul-template", {
    networks,
    consul,
    site: {
      serverNames: ["localhost"],
      exposeUpstream: true,
      maxRequestSeconds: 60,
      keepaliveMinSeconds: 10,
      workerShutdownSeconds: 70,
      uploadMaxMiB: 64,
    },
    image: images.consulTemplate,
  });
  new Registrator("registrator", { networks, consul, stopSeconds: 72, image: images.registrator });
  const mysql = new MySql("mysql", {
    networks,
    consul,
    address: declaredAddress(backend, 3),
    memoryMiB: 768,
    rotation: 1,
    image: images.mysql,
  });
  const wordpressArgs: WordPressArgs = {
    networks,
    consul,
    mysql,
    replicas: 3,
    site,
    limits,
    stopSeconds: 72,
    rotation: 1,
    image: images.wordpress,
    toolsImage: images.wordpressTools,
  };
  const wordpress = new WordPress("wordpress", wordpressArgs);
  new Nginx("nginx", {
    networks,
    consulTemplate,
    image: images.nginx,
    publish: { address: "127.0.0.1", httpPort: 8080 },
    stopSeconds: 71,
  });
  return { images, wordpress, wordpressArgs };
};
let registered: Registered[] = [];
let program: ReturnType<typeof compose>;

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

beforeAll(async () => {
  registered = await mockPulumi("unit");
  program = compose();
  const { wordpress } = program;
  const members = await valueOf(wordpress.members);
  expect(Object.keys(members)).toEqual([1, 2, 3].map((index) => `unit-wordpress-${wordpress.revision}-${index}`));
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
  for (const one of containers()) for (const port of one.ports ?? []) expect(port.ip).toBe("127.0.0.1");
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
  expect(replica.dns).toEqual([declaredAddress(backend, 2)]);
});

test("a replica's grace covers its drain and its longest request, whoever stops it; nginx's covers its older workers", () => {
  expect(container("wordpress")).toMatchObject({ destroyGraceSeconds: 72, stopTimeout: 72 });
  expect(container("nginx")).toMatchObject({ destroyGraceSeconds: 71, stopTimeout: 71 });
});

test("scaling changes no name, and a changed dial makes a new revision", () => {
  const { images, wordpress, wordpressArgs } = program;
  const names = (args: Partial<WordPressArgs>, label: string): string =>
    new WordPress(label, { ...wordpressArgs, ...args }).revision;
  expect(names({ replicas: 5 }, "scaled")).toBe(wordpress.revision);
  expect(names({ rotation: 2 }, "rotated")).not.toBe(wordpress.revision);
  expect(names({ limits: { ...limits, wordpressMemoryMiB: 640 } }, "larger")).not.toBe(wordpress.revision);
  expect(names({ site: { ...site, title: "Another" } }, "retitled")).toBe(wordpress.revision);
  expect(
    names({ image: { ...images.wordpress, reference: "wordpress-autoscaling/wordpress:other" } }, "rebuilt"),
  ).not.toBe(wordpress.revision);
});

test("many replicas are checked less often by Docker, and those that are there stay as they are", async () => {
  const { wordpress, wordpressArgs } = program;
  const ignored: (string[] | undefined)[] = [];
  const many = new WordPress(
    "many",
    { ...wordpressArgs, replicas: 35 },
    {
      transformations: [
        ({ type, name, opts }) => {
          if (type === "docker:index/container:Container" && /-\d+$/.test(name)) ignored.push(opts.ignoreChanges);
          return undefined;
        },
      ],
    },
  );
  await valueOf(many.members);
  expect(many.revision).toBe(wordpress.revision);
  const [few, more] = [3, 35].map((count) =>
    containers().filter(({ role, name }) => role === "wordpress" && name.endsWith(`-${count}`)),
  );
  expect(few?.[0]?.healthcheck?.interval).toBe("2s");
  expect(more?.[0]?.healthcheck?.interval).toBe("10s");
  // Neither the label that replaces a container nor a difference tells of it.
  expect(more?.[0]?.labels).toEqual(few?.[0]?.labels);
  expect(ignored).toEqual(Array.from({ length: 35 }, () => ["healthcheck.interval"]));
});

test("an image that the configuration names is pulled, not built, and consul-template's is built on nginx's", () => {
  const image = (name: string): Record<string, unknown> =>
    registered.find((one) => one.type === "docker:index/remoteImage:RemoteImage" && one.name === name)?.inputs ?? {};
  expect(image("images-mysql")).toEqual({ name: "registry.example/mysql:8.4", keepLocally: true });
  expect(image("images-consul-template").build).toMatchObject({
    context: ".",
    buildArgs: { NGINX_IMAGE: program.images.nginx.reference },
  });
});

test("durations are spelled as Go does", () => {
  expect([1, 60, 90, 3600, 3661].map(goDuration)).toEqual(["1s", "1m0s", "1m30s", "1h0m0s", "1h1m1s"]);
});
