/** Things break: the site comes back by itself, and nothing stale stays in nginx. */
import { execFileSync } from "node:child_process";
import { TestStack, docker, runOps } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.create("test-resilience", 1);
  await stack.up();
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Two replicas are healthy, which one that was just started again is not yet, and nginx routes to their addresses. */
const routedAreHealthy = async (): Promise<boolean> => {
  const applied = await stack.applied();
  const replicas = await stack.containers("wordpress");
  const addresses = replicas
    .filter(({ State }) => State.Running && State.Health?.Status === "healthy")
    .map((replica) => `${replica.NetworkSettings.Networks[`${stack.name}-frontend`]?.IPAddress ?? ""}:80`);
  return (
    addresses.length === 2 &&
    JSON.stringify(applied?.members.map((member) => member.address).sort()) === JSON.stringify(addresses.sort())
  );
};
const serves = async (): Promise<boolean> => (await stack.site.get("/")).status === 200;

test("a replica whose process is killed leaves nginx at once, comes back, and no GET fails meanwhile", async () => {
  const [victim] = await stack.containers("wordpress");
  if (victim === undefined) throw new Error("no replica");
  const failures: number[] = [];
  const over = new AbortController();
  const load = (async () => {
    while (!over.signal.aborted) {
      const { status } = await stack.site.get("/wp-login.php");
      if (status !== 200) failures.push(status);
    }
  })();
  process.kill(victim.State.Pid, "SIGKILL");
  await until("the replica was started again", async () => {
    const now = await docker.getContainer(victim.Id).inspect();
    return now.State.Running && now.State.StartedAt !== victim.State.StartedAt;
  });
  await until("both replicas are routed again", routedAreHealthy);
  over.abort();
  await load;
  expect(failures).toEqual([]);
});

test.each(["consul", "consul-template", "registrator", "mysql", "wordpress", "nginx"])(
  "the site answers again by itself after kill -9 of %s, and what is routed is healthy",
  async (role) => {
    const victim = await stack.container(role);
    process.kill(victim.State.Pid, "SIGKILL");
    await until(`${role} was started again`, async () => {
      const now = await docker.getContainer(victim.Id).inspect();
      return now.State.Running && now.State.StartedAt !== victim.State.StartedAt;
    });
    await until("the site answers", serves);
    await until("what is routed is what is healthy", routedAreHealthy);
    expect(await stack.servedBy(20)).toHaveLength(2);
  },
);

test("pages are served on while Consul is stopped, and after its data is wiped", async () => {
  const consul = await stack.container("consul");
  await docker.getContainer(consul.Id).stop({ t: 1 });
  const status = await runOps("status", ["--stack", stack.name], stack.env);
  expect(status).toMatchObject({ code: 1, stdout: expect.stringContaining("Consul does not answer") as string });
  for (let request = 0; request < 10; request++) {
    const start = performance.now();
    expect((await stack.site.get("/")).status).toBe(200);
    // A look-up by name would block for 20 s with the DNS server gone.
    expect(performance.now() - start).toBeLessThan(10_000);
  }
  wipe(consul.Mounts.find((mount) => mount.Destination === "/consul/data")?.Source);
  await docker.getContainer(consul.Id).start();
  expect(await serves()).toBe(true);
  await until("what is routed is what is healthy", routedAreHealthy);
  expect(await serves()).toBe(true);
});

test("without any replica the answer is a plain 503 with Retry-After, and the site comes back with them", async () => {
  const replicas = (await stack.containers("wordpress")).map(({ Id }) => docker.getContainer(Id));
  await Promise.all(replicas.map((replica) => replica.kill()));
  const page = await until("a 503", async () => {
    const answer = await stack.site.get("/");
    return answer.status === 503 && answer;
  });
  expect(page.headers["retry-after"]).toBe("5");
  expect(page.body).toContain("Back in a moment");
  await Promise.all(replicas.map((replica) => replica.start()));
  await until("the site answers", serves);
  await until("what is routed is what is healthy", routedAreHealthy);
});

test.each(["SIGINT", "SIGKILL"] as const)("an up that %s cuts short is finished by the next one", async (signal) => {
  await stack.scale(2);
  await stack.set("wordpressReplicas", "4");
  const cut = new AbortController();
  const running = stack.try(["up", "--yes", "--skip-preview"], { cut: { at: cut.signal, signal } });
  await until("a new replica is being made", async () => (await stack.containers("wordpress")).length > 2, {
    pauseMs: 20,
  });
  cut.abort();
  expect((await running).code).not.toBe(0);
  expect(await serves()).toBe(true);
  await stack.up();
  expect(await stack.servedBy(60)).toHaveLength(4);
  expect(await stack.containers("wordpress")).toHaveLength(4);
  expect((await stack.try(["preview", "--expect-no-changes"])).code).toBe(0);
});

/** Empties a folder of Docker's. */
function wipe(folder: string | undefined): void {
  if (folder === undefined) throw new Error("Consul has no data volume");
  execFileSync("find", [folder, "-mindepth", "1", "-delete"]);
}
