/** One stack from the first `up` to `purge`: what a user does with it. */
import { STACK_LABEL } from "../../contract/labels";
import { TestStack, docker, execIn, removeByLabel, runScript } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";

const TITLE = "Lifecycle & Söhne";
let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-lifecycle", 0, { siteTitle: TITLE, adminUser: "editor-in-chief" });
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

test("the front page is served with the site's title", async () => {
  const page = await stack.site.get("/");
  expect(page.status).toBe(200);
  expect(page.body).toMatch(/<title>Lifecycle &(amp|#038); Söhne<\/title>/);
  expect(page.body).not.toMatch(/install\.php|Error establishing/);
});

test("the stack's own password reaches the dashboard", async () => {
  const { adminUser, adminPassword } = await stack.outputs();
  expect(adminUser).toBe("editor-in-chief");
  await stack.site.logIn(adminUser, adminPassword);
  await expect(stack.site.logIn(adminUser, `${adminPassword}x`)).rejects.toThrow("no dashboard");
});

test("three networks and the six roles carry the labels, created in the documented order", async () => {
  const filters = { label: [`${STACK_LABEL}=${stack.name}`] };
  const networks = await docker.listNetworks({ filters });
  expect(networks.map((network) => network.Labels?.["wordpress-autoscaling.role"]).sort()).toEqual([
    "backend",
    "control",
    "frontend",
  ]);
  const containers = await stack.containers();
  const roles = containers.map((container) => container.Config.Labels["wordpress-autoscaling.role"]);
  const helpers = ["installer", "cron"];
  expect(roles.filter((role) => !helpers.includes(role ?? ""))).toEqual([
    "consul",
    "consul-template",
    "registrator",
    "mysql",
    "wordpress",
    "wordpress",
    "nginx",
  ]);
  expect(roles.filter((role) => helpers.includes(role ?? "")).sort()).toEqual(["cron", "installer"]);
});

test("every container that stays has a health check, and passes it", async () => {
  await until("all are healthy", async () => {
    const staying = (await stack.containers()).filter((one) => one.HostConfig.RestartPolicy?.Name !== "no");
    expect(staying.map((one) => `${one.Name} ${one.State.Health?.Status ?? "unchecked"}`)).toEqual(
      staying.map((one) => `${one.Name} healthy`),
    );
    return true;
  });
});

test("status shows what is wanted, Docker, Consul and nginx in agreement", async () => {
  const { code, stdout } = await runScript("status.mjs", ["--stack", stack.name, "--json"], stack.env);
  const status = JSON.parse(stdout) as {
    agree: boolean;
    wanted: number;
    replicas: { docker: string; consul: string; nginx: string }[];
    problems: string[];
  };
  expect(status.problems).toEqual([]);
  expect(status).toMatchObject({ agree: true, wanted: 2 });
  expect(status.replicas.map(({ docker: seen, consul }) => `${seen}; ${consul}`)).toEqual(
    Array(2).fill("running, healthy; passing"),
  );
  expect(code).toBe(0);
});

test("preview finds nothing to do after up, and exactly the creations to come after config set", async () => {
  const idle = await stack.try(["preview", "--expect-no-changes"]);
  expect(idle).toMatchObject({ code: 0 });

  await stack.set("wordpressReplicas", "5");
  const { code } = await stack.try(["preview", "--expect-no-changes"]);
  expect(code).not.toBe(0);
  const preview = await stack.run("preview", "--json");
  const { steps } = JSON.parse(preview.stdout) as { steps: { op: string; urn: string }[] };
  const creations = steps.filter((step) => step.op === "create").map((step) => step.urn.replace(/.*::/, ""));
  expect(creations.map((name) => name.replace(/[0-9a-f]{8}/, "REVISION")).sort()).toEqual([
    "wordpress-REVISION-3",
    "wordpress-REVISION-4",
    "wordpress-REVISION-5",
  ]);
});

test("five replicas serve after up, and exactly two after scaling back", async () => {
  await stack.scale(5);
  expect((await stack.applied())?.members).toHaveLength(5);
  expect(await stack.servedBy(60)).toHaveLength(5);
  expect(await passingInConsul()).toHaveLength(5);
  expect(await runningUpstreams()).toHaveLength(5);
  expect((await stack.outputs()).replicas).toBe(5);

  await stack.scale(2);
  // `up` has waited for the older workers itself.
  expect(await stack.applied()).toMatchObject({ members: [{}, {}], retired: true });
  expect(await stack.site.servedBy(60)).toHaveLength(2);
  expect(await passingInConsul()).toHaveLength(2);
  expect(await runningUpstreams()).toHaveLength(2);
  expect(await stack.containers("wordpress")).toHaveLength(2);
});

test("a post survives destroy and the next up, whose new password logs in", async () => {
  const before = await stack.outputs();
  const author = await stack.site.logIn(before.adminUser, before.adminPassword);
  const { link } = await author.publish("It outlives the stack", "written before destroy");

  await stack.destroy();
  const filters = { label: [`${STACK_LABEL}=${stack.name}`] };
  expect(await docker.listContainers({ all: true, filters })).toEqual([]);
  expect(await docker.listNetworks({ filters })).toEqual([]);
  const { Volumes } = await docker.listVolumes({ filters });
  expect(Volumes.map((volume) => volume.Name).sort()).toEqual([`${stack.name}-mysql`, `${stack.name}-uploads`]);

  await stack.up();
  const after = await stack.outputs();
  expect(after.adminPassword).not.toBe(before.adminPassword);
  const page = await stack.site.get(new URL(link).pathname);
  expect(page.status).toBe(200);
  expect(page.body).toContain("written before destroy");
  await stack.site.logIn(after.adminUser, after.adminPassword);
});

test("purge asks for the name, refuses while containers are there, and then leaves nothing", async () => {
  const early = await runScript("purge.mjs", [stack.name, "--yes", stack.name], stack.env);
  expect(early.code).not.toBe(0);
  await stack.destroy();
  const wrong = await runScript("purge.mjs", [stack.name, "--yes", "another"], stack.env);
  expect(wrong.code).not.toBe(0);
  const purged = await runScript("purge.mjs", [stack.name, "--yes", stack.name], stack.env);
  expect(purged).toMatchObject({ code: 0 });
  const { Volumes } = await docker.listVolumes({ filters: { label: [`${STACK_LABEL}=${stack.name}`] } });
  expect(Volumes).toEqual([]);
  await removeByLabel(stack.name);
});

/** The names of the replicas that Consul counts as passing. */
async function passingInConsul(): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${stack.consulPort}/v1/health/service/wordpress?passing`);
  const services = (await answer.json()) as { Service: { Meta: Record<string, string> } }[];
  return services.map(({ Service }) => Service.Meta["container-name"] ?? "");
}

/** The servers of the configuration that nginx acknowledged, which has to be the one that lies there. */
async function runningUpstreams(): Promise<string[]> {
  const applied = await until("a configuration acknowledged", () => stack.applied());
  const nginx = await stack.container("nginx");
  const { output } = await execIn(nginx.Id, ["cat", "/srv/nginx/current/upstreams.conf"]);
  const servers = [...output.matchAll(/^\s*server ([\d.]+:\d+)/gm)].map((match) => match[1]);
  expect(applied.members.map((member) => member.address).sort()).toEqual(servers.sort());
  return servers.map(String);
}
