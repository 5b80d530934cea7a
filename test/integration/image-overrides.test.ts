/** The map `images`: a whole stack on images that are built as the official ones are. */
import * as fs from "node:fs";
import { STACK_LABEL } from "../../contract/labels";
import { TestStack, docker, execIn } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { Load } from "../support/load";
import { officialImage } from "../support/official-images";

let stack: TestStack;
beforeAll(async () => {
  const hashicorp = (program: string, tag: string): Promise<string> =>
    officialImage(`${program}:${tag}`, "hashicorp.Dockerfile", {
      OFFICIAL: `hashicorp/${program}:${tag}`,
      PROGRAM: program,
    });
  const images = Object.entries({
    mysql: officialImage("mysql:9.7", "mysql/Dockerfile"),
    wordpress: officialImage("wordpress:9.9-apache", "wordpress/Dockerfile"),
    nginx: officialImage("nginx:fixture", "nginx/Dockerfile"),
    consul: hashicorp("consul", "1.19.2"),
    "consul-template": hashicorp("consul-template", "0.41.1"),
  });
  // Built side by side, and all ended before one that failed is told.
  await Promise.allSettled(images.map(([, image]) => image));
  stack = await TestStack.create("test-overrides", 11, { siteTitle: "On other images" });
  for (const [role, image] of images) await stack.run("config", "set", "--path", `images.${role}`, await image);
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

const inRole = async (role: string, ...command: string[]): Promise<string> =>
  (await execIn((await stack.container(role)).Id, command)).output.trim();

test("each role runs what the configuration names", async () => {
  const mark = (program: string): string[] => ["tail", "-c", "14", program];
  expect(await inRole("consul", ...mark("/usr/local/bin/consul"))).toBe("of the fixture");
  expect(await inRole("consul-template", ...mark("/usr/local/bin/consul-template"))).toBe("of the fixture");
  expect(await inRole("mysql", "mysqld", "--version")).toMatch(/Ver 9\.\d+.*MySQL|mysqld\s+Ver 9\./);
  expect(await inRole("nginx", "sh", "-c", "id nginx && ls /docker-entrypoint.sh && nginx -v")).toMatch(
    /uid=101.*1\.\d+/s,
  );
  const page = await stack.site.get("/");
  expect(page.status).toBe(200);
  expect(page.body).toMatch(/<title>On other images<\/title>/);
  expect(page.body).toContain("WordPress 9.9-fixture");
  expect(page.headers["x-served-by"]).toMatch(/^test-overrides-wordpress-/);
});

test("nothing of it has a capability that the images built here have not, and the database is not root's", async () => {
  const all = await stack.containers();
  for (const { Name, HostConfig } of all) {
    expect([Name, HostConfig.CapDrop]).toEqual([Name, ["ALL"]]);
    const added = (HostConfig.CapAdd as string[] | null) ?? [];
    expect([Name, added.filter((one) => one !== "CAP_NET_BIND_SERVICE")]).toEqual([Name, []]);
  }
  expect(await inRole("mysql", "id", "-un")).toBe("mysql");
  expect(await inRole("wordpress", "id", "-un")).toBe("www-data");
  const secrets = all.flatMap(({ Config }) => Config.Env).filter((one) => /^MYSQL_.*PASSWORD=/.test(one));
  expect(secrets).toEqual([]);
});

test("the image's own core is installed, so its dashboard asks for no upgrade; its plugins are there, and uploads are shared", async () => {
  const { adminUser, adminPassword } = await stack.outputs();
  const author = await stack.site.logIn(adminUser, adminPassword);
  expect((await author.get("/wp-admin/")).body).not.toContain("upgrade.php");
  const place = "/var/www/wordpress/wp-content";
  expect(await inRole("wordpress", "ls", `${place}/plugins`)).toContain("of-the-image.php");
  const [one, other] = await stack.containers("wordpress");
  await execIn(one?.Id ?? "", ["sh", "-c", `echo shared >${place}/uploads/one.txt`]);
  expect((await execIn(other?.Id ?? "", ["cat", `${place}/uploads/one.txt`])).output).toContain("shared");
  expect((await stack.site.get("/wp-content/uploads/one.txt")).body).toContain("shared");
});

test("from two to three and back under load no request is lost, and a stop by hand loses none", async () => {
  await using load = new Load(stack.site, "/wp-login.php", 10, 3_000);
  await stack.scale(3);
  expect(await stack.servedBy(40)).toHaveLength(3);
  await stack.scale(2);
  expect(await stack.servedBy(40)).toHaveLength(2);
  const { Id } = await stack.container("wordpress");
  await docker.getContainer(Id).stop();
  expect((await docker.getContainer(Id).inspect()).State).toMatchObject({ ExitCode: 0, OOMKilled: false });
  await docker.getContainer(Id).start();
  await until("it is routed again", async () => (await stack.applied())?.members.length === 2);
  await load.end();
  expect(load.sent).toBeGreaterThan(0);
  expect(load.errors).toEqual([]);
});

test("a second up changes nothing", async () => {
  const preview = await stack.try(["preview", "--expect-no-changes"]);
  expect(preview).toMatchObject({ code: 0 });
});

test("the database ends by its signal, and its kept data serve a stack with new passwords", async () => {
  const before = await stack.outputs();
  const { link } = await (
    await stack.site.logIn(before.adminUser, before.adminPassword)
  ).publish("Kept", "written before destroy");
  const { Id } = await stack.container("mysql");
  await docker.getContainer(Id).stop();
  expect((await docker.getContainer(Id).inspect()).State.ExitCode).toBe(0);
  await stack.destroy();
  expect(await docker.listContainers({ all: true, filters: { label: [`${STACK_LABEL}=${stack.name}`] } })).toEqual([]);

  await stack.up();
  const after = await stack.outputs();
  expect(after.adminPassword).not.toBe(before.adminPassword);
  expect((await stack.site.get(new URL(link).pathname)).body).toContain("written before destroy");
});

test("what cannot work is refused at preview by key, value and what can", async () => {
  const before = fs.readFileSync(stack.configFile, "utf8");
  const own = (await stack.container("registrator")).Config.Image;
  const wrong = { wordpress: "wordpress:6.9-php8.4-fpm", mysql: own, registrator: "gliderlabs/registrator:v7" };
  for (const [role, image] of Object.entries(wrong))
    await stack.run("config", "set", "--path", `images.${role}`, image);
  const preview = await stack.try(["preview"]);
  fs.writeFileSync(stack.configFile, before);
  expect(preview.code).not.toBe(0);
  const said = preview.output.replace(/\s+/g, " ");
  expect(said).toMatch(/images\.wordpress is "wordpress:6\.9-php8\.4-fpm": an image that is built like the official/);
  expect(said).toMatch(/images\.mysql is "wordpress-autoscaling\/registrator:\w+": .* docker-entrypoint\.sh/);
  expect(said).toMatch(/images\.registrator is "gliderlabs\/registrator:v7": .* reports to nginx and Rollout/);
  expect(said).toContain("nothing was changed");
});
