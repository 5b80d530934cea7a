/** The map `images`: what is refused, and what becomes of the rest. */
import * as pulumi from "@pulumi/pulumi";
import { Consul } from "../../components/consul";
import { Images, type ImageOverrides } from "../../components/images";
import { MySql } from "../../components/mysql";
import { Networks } from "../../components/networks";
import { type LocalImage, overrideProblems, parseReference } from "../../settings/image-overrides";
import { declaredAddress, parseSubnet } from "../../settings/subnet";
import { mockPulumi, type Registered, valueOf } from "../support/program";

const local = (more: Partial<LocalImage>): LocalImage => ({
  entrypoint: [],
  command: [],
  ports: [],
  environment: [],
  ...more,
});
const problems = (role: string, image: string, found?: LocalImage): string[] =>
  overrideProblems({ [role]: image }, found ? { [role]: found } : {}, "project");

test.each([
  ["mysql:8.4", { name: "mysql", tag: "8.4" }],
  ["registry.example:5000/library/mysql", { name: "mysql", tag: "latest" }],
  ["registry.example:5000/wordpress:6.9-apache@sha256:0123", { name: "wordpress", tag: "6.9-apache" }],
])("%s is read", (text, reference) => {
  expect(parseReference(text)).toEqual(reference);
});

const official = local({ entrypoint: ["docker-entrypoint.sh"], command: ["mysqld"], ports: ["3306/tcp", "33060/tcp"] });

const allowed: [string, string, LocalImage?][] = [
  ["mysql", "registry.example/mysql:8.4"],
  ["mysql", "mariadb:12", official],
  ["mysql", "own/mysql:1", local({ ...official, entrypoint: ["/usr/local/bin/docker-entrypoint.sh"] })],
  ["wordpress", "wordpress:latest"],
  [
    "wordpress",
    "wordpress:6.9-php8.4-apache",
    local({ entrypoint: ["docker-entrypoint.sh"], command: ["apache2-foreground"] }),
  ],
  ["wordpress", "own/clinic:1"],
  ["nginx", "nginx:latest"],
  ["nginx", "nginx:1.27"],
  ["nginx", "nginx:1.27.4"],
  ["nginx", "nginx:1.29-trixie-perl"],
  ["nginx", "nginx:stable", local({ environment: ["NGINX_VERSION=1.28.0"] })],
  ["nginx", "own/front:1.2"],
  ["consul", "hashicorp/consul:1.19.2"],
  ["consul", "hashicorp/consul:1.14"],
  ["consul-template", "hashicorp/consul-template:0.40"],
  ["registrator", "own/registrator:1", local({ entrypoint: ["node", "/usr/local/lib/registrator.js"] })],
];
test.each(allowed.map(([role, image, found]) => ({ role, image, found })))("$role may be $image", (one) => {
  expect(problems(one.role, one.image, one.found)).toEqual([]);
});

const refused: [string, string, RegExp, LocalImage?][] = [
  ["wordpress", "wordpress:fpm", /no HTTP server/],
  ["wordpress", "wordpress:6.9-php8.4-fpm-alpine", /use the same tag without fpm/],
  ["wordpress", "wordpress:cli-2", /no HTTP server/],
  ["wordpress", "own/site:1", /no HTTP server/, local({ entrypoint: ["docker-entrypoint.sh"], command: ["php-fpm"] })],
  ["nginx", "nginx:1.29-alpine", /use the same tag without alpine/],
  ["nginx", "nginx:1.29-alpine3.22-slim", /use the same tag without alpine/],
  ["nginx", "nginx:1.26", /nginx 1\.27\.4 or newer.*; this is 1\.26$/],
  ["nginx", "nginx:1.27.3-bookworm", /this is 1\.27\.3$/],
  ["nginx", "own/front:9", /this is 1\.26\.3$/, local({ environment: ["PATH=/bin", "NGINX_VERSION=1.26.3"] })],
  ["consul", "hashicorp/consul:1.13.9", /Consul 1\.14 or newer/],
  ["mysql", "own/mysql:1", /docker-entrypoint\.sh/, local({ entrypoint: ["entrypoint"], ports: ["3306/tcp"] })],
  ["mysql", "own/mysql:1", /port 3306 exposed/, local({ ...official, ports: [] })],
  ["registrator", "gliderlabs/registrator:v7", /which container a service belongs to/],
  [
    "registrator",
    "own/registrator:1",
    /which container a service belongs to/,
    local({ entrypoint: ["/bin/registrator"] }),
  ],
];
test.each(refused.map(([role, image, message, found]) => ({ role, image, message, found })))(
  "$role cannot be $image",
  ({ role, image, message, found }) => {
    const [line, ...more] = problems(role, image, found);
    expect(more).toEqual([]);
    expect(line).toMatch(message);
    expect(line).toContain(`project:images.${role} is "${image}": `);
  },
);

describe("the program with other images", () => {
  let registered: Registered[];
  let images: Images;
  const inputs = (name: string): Record<string, unknown> =>
    registered.find((one) => one.type.startsWith("docker:") && one.name === name)?.inputs ?? {};
  const overrides: ImageOverrides = {
    wordpress: "wordpress:6.9-apache",
    nginx: "nginx:1.29",
    consul: "hashicorp/consul:1.20.6",
    "consul-template": "hashicorp/consul-template:0.40.0",
    mysql: "mysql:8.4",
  };
  beforeAll(async () => {
    registered = await mockPulumi();
    images = new Images("images", overrides);
    const network = (third: number) => parseSubnet(`10.1.${third}.0/24`);
    const backend = network(1);
    const control = network(2);
    const networks = new Networks("networks", { frontend: network(0), backend, control });
    const consul = new Consul("consul", {
      networks,
      controlAddress: declaredAddress(control, 2),
      backendAddress: declaredAddress(backend, 2),
      hostPort: 8500,
      image: images.consul,
    });
    const mysql = new MySql("mysql", {
      networks,
      consul,
      address: declaredAddress(backend, 3),
      memoryMiB: 768,
      rotation: 1,
      image: images.mysql,
    });
    await valueOf(mysql.container.name);
  });

  test("the four are what ours are built on, and change their tags; the database's runs as it is", () => {
    const ours = new Images("ours", {});
    const buildArgs = (name: string): unknown => (inputs(name).build as { buildArgs?: unknown }).buildArgs;
    expect(buildArgs("images-wordpress")).toEqual({ BASE: overrides.wordpress });
    expect(buildArgs("images-nginx")).toEqual({ BASE: overrides.nginx });
    expect(buildArgs("images-consul")).toEqual({ CONSUL_IMAGE: overrides.consul });
    expect(buildArgs("images-consul-template")).toEqual({
      CONSUL_TEMPLATE_IMAGE: overrides["consul-template"],
      NGINX_IMAGE: images.nginx.reference,
    });
    for (const role of ["wordpress", "nginx", "consul", "consulTemplate"] as const) {
      expect(images[role].ours).toBe(true);
      expect(images[role].reference).not.toBe(ours[role].reference);
    }
    expect(inputs("images-mysql")).toEqual({ name: "mysql:8.4", keepLocally: true });
  });

  test("the database's container follows the official images: user, entrypoint, options; passwords are files alone", () => {
    const container = inputs("mysql") as unknown as {
      user: string;
      entrypoints: string[];
      command: string[];
      envs: string[];
      uploads: { file: string; content: string }[];
      healthcheck: { tests: string[] };
      capabilities: { adds: string[] };
    };
    expect(container).toMatchObject({ user: "mysql", capabilities: { adds: [] } });
    expect(container.command).toContain("--innodb-buffer-pool-size=256M");
    expect(container.command.every((one) => one.startsWith("--"))).toBe(true);
    expect(container.envs).toContain("MYSQL_ROOT_HOST=localhost");
    expect(JSON.stringify([container.envs, container.command, container.healthcheck])).not.toContain("secret-");
    const files = Object.fromEntries(container.uploads.map(({ file, content }) => [file, content]));
    for (const script of [container.entrypoints[1], container.healthcheck.tests[2]]) {
      expect(files[script ?? ""]).toMatch(/^#!\/bin\/sh\n/);
    }
    expect(files["/run/secrets/mysql-client.cnf"]).toContain("\npassword=secret-mysql-password\n");
    // A second statement on a line would be dropped without a word.
    const users = (files["/run/secrets/mysql-users.sql"] ?? "").trimEnd().split("\n");
    expect(users).toHaveLength(5);
    for (const line of users) expect(line).toMatch(/^[^;]+;$/);
    expect(users).toContain("ALTER USER 'wordpress'@'%' IDENTIFIED BY 'secret-mysql-password';");
  });

  test("its secrets stay secret outputs", async () => {
    const secret = pulumi.secret("s");
    const { officialMySql } = await import("../../components/official-mysql");
    const { files } = officialMySql({
      database: "d",
      user: "u",
      password: secret,
      rootPassword: secret,
      memoryMiB: 300,
    });
    for (const name of ["mysql-password", "mysql-root-password", "mysql-users.sql", "mysql-client.cnf"]) {
      expect(await pulumi.isSecret(pulumi.output(files?.[`/run/secrets/${name}`] ?? ""))).toBe(true);
    }
  });
});
