/** The roles of WordPress's image at rest and when they are stopped, each in a container of its own, without a database. */
import * as fs from "node:fs";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import { Site } from "../../lab/driver/site";
import { docker as dockerode, execIn } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { pause } from "../../services/kit/pause";
import { builtImage, docker, RealStack } from "../../services/test/real-stack";

const stack = new RealStack("wordpress-roles", "10.217");
const name = `${stack.name}-role`;
const address = "10.217.1.10";
/** Needs no database. */
const FILE = "/wp-includes/images/blank.gif";
let image: string;
beforeAll(async () => {
  image = await builtImage("wordpress");
  await stack.create(["frontend"]);
  fs.chmodSync(stack.folder, 0o755);
});
afterEach(() => docker("rm", "-fv", name).catch(() => undefined));
afterAll(() => stack.remove());

/** Starts a role with Docker's init process, as the stack does. */
const start = (role: string, environment: Record<string, string>, ...args: string[]): Promise<string> => {
  const all = { WORDPRESS_DB_HOST: "127.0.0.1", ...environment };
  const settings = Object.entries(all).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
  const where = ["--network", `${stack.name}-frontend`, "--ip", address];
  return docker(
    "run",
    "-d",
    "--init",
    "--name",
    name,
    ...stack.labels(role),
    ...where,
    ...settings,
    ...args,
    image,
    role,
  );
};
/** Starts a replica; it answers for files. */
async function replica(drainSeconds: number): Promise<Site> {
  await start("serve", { WORDPRESS_DRAIN_SECONDS: String(drainSeconds) });
  const site = new Site(80, address);
  await until("the replica answers", async () => (await site.get(FILE)).status === 200, { limitMs: 60_000 });
  return site;
}
const isRunning = async (): Promise<boolean> => (await docker("inspect", "-f", "{{.State.Running}}", name)) === "true";
const ended = (): Promise<unknown> =>
  until("the container has ended", async () => !(await isRunning()), { limitMs: 120_000 });
async function logs(): Promise<string> {
  const said = await dockerode.getContainer(name).logs({ stdout: true, stderr: true, follow: false });
  return said.toString("utf8");
}

test("what a replica remembers of its requests does not grow", async () => {
  const site = await replica(12);
  for (let asked = 0; asked < 500; asked += 10) {
    await Promise.all(Array.from({ length: 10 }, () => site.get(FILE)));
  }
  await until("nothing is left in the file", async () => {
    return (await execIn(name, ["stat", "-c", "%s", "/tmp/requests"])).output.trim() === "0";
  });
});

test("a stopped replica that nobody releases serves on until no request has come for drainSeconds, by no wall clock", async () => {
  const drainSeconds = 6;
  const site = await replica(drainSeconds);
  await docker("kill", "-s", "TERM", name);
  let last = 0;
  for (let asked = 0; asked < 4; asked++) {
    last = performance.now();
    expect((await site.get(FILE)).status).toBe(200);
    // As if the clock had been set to an hour later.
    await execIn(name, ["touch", "-d", "1 hour ago", "/tmp/requests"]);
    await pause(1_000);
  }
  await ended();
  expect((performance.now() - last) / 1000).toBeGreaterThanOrEqual(drainSeconds);
});

test("a stopped replica ends at once when it is released, or when it has been without a request for long", async () => {
  await replica(3600);
  await docker("kill", "-s", "TERM", name);
  await until("it says that it stops", async () => (await logs()).includes("stopping:"));
  expect(await isRunning()).toBe(true);
  await docker("kill", "-s", "USR1", name);
  await ended();
  await docker("rm", name);

  const drainSeconds = 20;
  await replica(drainSeconds);
  await pause((drainSeconds + 3) * 1000);
  const told = performance.now();
  await docker("kill", "-s", "TERM", name);
  await ended();
  expect((performance.now() - told) / 1000).toBeLessThan(drainSeconds);
});

/** cron with a job of this test in place of WordPress's. */
async function cron(job: string, environment: Record<string, string> = {}): Promise<void> {
  const file = path.join(stack.folder, "cron.php");
  fs.writeFileSync(file, `<?php ${job}`, { mode: 0o644 });
  await start("cron", environment, "-v", `${file}:/usr/local/lib/wordpress/cron.php:ro`);
}

test("a job of cron that runs when the container is stopped ends first, and none begins after it", async () => {
  await cron("echo 'job begins', PHP_EOL; sleep(8); echo 'job ends', PHP_EOL;");
  await until("the job runs", async () => (await logs()).includes("job begins"));
  await docker("stop", "-t", "120", name);
  expect((await logs()).match(/job (begins|ends)/g)).toEqual(["job begins", "job ends"]);
  expect(await docker("inspect", "-f", "{{.State.ExitCode}}", name)).toBe("0");
});

test("cron stops at once between two jobs, and a job that hangs is ended and named", async () => {
  await cron("echo 'job begins', PHP_EOL; sleep(9999);", { WORDPRESS_CRON_SECONDS: "3" });
  await until("the job is ended", async () => (await logs()).includes("a job ran for 3 s and was ended"), {
    limitMs: 60_000,
  });
  await docker("stop", "-t", "300", name);
  expect(await docker("inspect", "-f", "{{.State.ExitCode}}", name)).toBe("0");
  expect((await logs()).match(/job begins/g)).toHaveLength(1);
});

test("cron is healthy while a run begins every five minutes, whatever the wall clock says", async () => {
  await cron("sleep(9999);");
  const health = async (secondsAgo: number): Promise<{ code: number; output: string }> =>
    execIn(name, [
      "bash",
      "-c",
      `read -r up _ </proc/uptime; echo $((\${up%.*} - ${secondsAgo})) >/tmp/cron-ran; touch -d '2 hours ago' /tmp/cron-ran; cron-healthy`,
    ]);
  expect((await execIn(name, ["cron-healthy"])).output).toContain("no run has begun yet");
  expect((await health(10)).code).toBe(0);
  const hanging = await health(400);
  expect(hanging.code).toBe(1);
  expect(hanging.output).toContain("no run has begun for 400 s: the last one hangs");
});
