/** nginx's memory limit holds all sets of workers that a storm of reloads can leave alive, and the requests that they may have. */
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { docker as dockerode, execIn } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { docker, nginxImage, RealStack } from "../../services/test/real-stack";
import { renderNginxConf } from "../../templates/nginx-conf";
import { nginxMemoryMiB, OLD_GENERATIONS, OPEN_REQUESTS, WORKERS } from "../../templates/nginx-workers";

const stack = new RealStack("nginx-memory", "10.216");
const nginx = `${stack.name}-nginx`;
const [host, replica] = ["10.216.1.10", "10.216.1.11"];
const visitors: net.Socket[] = [];
afterAll(async () => {
  for (const visitor of visitors) visitor.destroy();
  await stack.remove();
});

/** Answers each request with half a page and never ends it: for nginx a compressed answer that is half sent. */
const REPLICA = String.raw`use IO::Socket::INET;
  my $listener = IO::Socket::INET->new(Listen => 4096, LocalPort => 80, ReuseAddr => 1) or die;
  my $half = join " ", map { int rand 1e9 } 1 .. 25000;
  while (my $client = $listener->accept) {
    sysread $client, my $request, 8192;
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n$half";
    $client->flush;
    push @open, $client;
  }`;

/** So many requests more, each answered half. */
async function ask(count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) {
    const visitor = net.connect({ host, port: 80 });
    visitors.push(visitor);
    await new Promise<void>((resolve, reject) => {
      visitor.once("data", () => resolve()).once("error", reject);
      visitor.once("close", () => reject(new Error(`request ${visitors.length} was not answered`)));
      visitor.write("GET / HTTP/1.1\r\nHost: site.test\r\nAccept-Encoding: gzip\r\n\r\n");
    });
  }
}

/** The whole control group's, in MiB, as the container itself is shown it. */
async function memoryMiB(): Promise<number> {
  const script = "cat /sys/fs/cgroup/memory.current 2>/dev/null || cat /sys/fs/cgroup/memory/memory.usage_in_bytes";
  const { output } = await execIn(nginx, ["sh", "-c", script]);
  return Math.round(Number(output.trim()) / 2 ** 20);
}

async function workers(): Promise<{ serving: number; old: number }> {
  const top = (await dockerode.getContainer(nginx).top({ ps_args: "-eo pid,args" })) as { Processes: string[][] };
  const titles = top.Processes.map((line) => line.at(-1) ?? "").filter((title) => title.includes("nginx: worker"));
  const old = titles.filter((title) => title.includes("shutting down")).length;
  return { serving: titles.length - old, old };
}

/** How many sockets each serving worker has open, some eight of its own among them. */
async function sockets(): Promise<number[]> {
  const script = `for p in /proc/[0-9]*; do
    [ "$(tr -d '\\0' <$p/cmdline)" = "nginx: worker process" ] && ls -l $p/fd | grep -c socket; done; true`;
  const { output } = await execIn(nginx, ["sh", "-c", script]);
  return output.trim().split(/\s+/).map(Number);
}

test("nginx outlives the most generations that may be alive, with the most requests", async () => {
  const image = await nginxImage();
  await stack.create(["frontend"]);
  const settings = { maxRequestSeconds: 600, keepaliveMinSeconds: 10, workerShutdownSeconds: 600, uploadMaxMiB: 64 };
  const files = {
    "nginx.conf": renderNginxConf({ serverNames: ["site.test"], exposeUpstream: true, ...settings }),
    "generation.conf": 'map "" $config_generation { default one; }\n',
    "upstreams.conf": `map "" $replicas { default 1; }\nupstream wordpress { zone wordpress 512k; server ${replica}:80; }\n`,
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(stack.folder, name), text);
  fs.chmodSync(stack.folder, 0o755);
  const run = async (name: string, address: string, ...args: string[]): Promise<void> => {
    const where = ["--name", name, ...stack.labels("nginx"), "--network", `${stack.name}-frontend`, "--ip", address];
    await docker("run", "-d", "--ulimit", "nofile=16384", ...where, ...args);
  };
  await run(`${stack.name}-replica`, replica, "--entrypoint", "perl", image, "-e", REPLICA);
  const limit = `${nginxMemoryMiB()}m`;
  const conf = ["-v", `${stack.folder}:/srv/nginx/current:ro`];
  await run(nginx, host, "--init", "-m", limit, "--memory-swap", limit, ...conf, image);
  await until("nginx has its workers", async () => (await workers()).serving === WORKERS, { limitMs: 60_000 });
  const idle = await memoryMiB();

  for (let generation = 1; generation <= OLD_GENERATIONS; generation++) {
    // A worker without a request ends at once.
    await until(
      "each worker has requests",
      async () => {
        await ask(20);
        const open = await sockets();
        return open.length === WORKERS && open.every((count) => count > 12);
      },
      { limitMs: 120_000 },
    );
    await docker("kill", "-s", "HUP", nginx);
    const all = { serving: WORKERS, old: WORKERS * generation };
    await until(
      `${generation} generations are alive beside the serving one`,
      async () => JSON.stringify(await workers()) === JSON.stringify(all),
      { limitMs: 120_000 },
    );
  }
  const [before, reloaded] = [visitors.length, await memoryMiB()];
  await ask(OPEN_REQUESTS - visitors.length);
  const full = await memoryMiB();
  console.log(
    `of ${limit}: ${idle} MiB idle, ${reloaded} with ${OLD_GENERATIONS} old generations and ${before} requests, ${full} with ${visitors.length} requests`,
  );

  expect(await workers()).toEqual({ serving: WORKERS, old: WORKERS * OLD_GENERATIONS });
  const { State } = await dockerode.getContainer(nginx).inspect();
  expect(State).toMatchObject({ Running: true, OOMKilled: false });
  const logs = await dockerode.getContainer(nginx).logs({ stdout: true, stderr: true, follow: false });
  expect(logs.toString("latin1")).not.toMatch(/exited on signal/);
});
