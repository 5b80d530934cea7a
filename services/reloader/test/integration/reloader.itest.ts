import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appliedKey, desiredKey, type Applied } from "../../../../contract/consul-kv";
import { until } from "../../../../lab/driver/until";
import { pause } from "../../../kit/pause";
import { docker, nginxImage, RealStack, type Service } from "../../../test/real-stack";
import { upstreams } from "../../../test/upstreams";
import { MOST_OLD_GENERATIONS } from "../../plan";

const stack = new RealStack("reloader", "10.215");
let image: string;
let consul: string;
let reloader: Service;
let generation = 0;

const applied = async () => (await (await fetch(`${consul}/v1/kv/${appliedKey(stack.name)}?raw`)).json()) as Applied;

async function render(addresses: string[]): Promise<number> {
  generation += 1;
  const path = join(stack.folder, "candidate", "upstreams.conf");
  await writeFile(`${path}.new`, upstreams(generation, addresses));
  await rename(`${path}.new`, path);
  reloader.signal("SIGWINCH");
  return generation;
}

const isApplied = (wanted: Partial<Applied>) => async () => {
  const now = await applied();
  return Object.entries(wanted).every(([key, value]) => now[key as keyof Applied] === value);
};

/** A metric's value, by name and labels; 0 when it is missing. */
const number = async (name: string) =>
  Number(
    (await reloader.metrics())
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1] ?? 0,
  );

const start = () =>
  stack.service("reloader", {
    CONSUL_HTTP_ADDR: consul,
    NGINX_DIR: stack.folder,
    STATIC_CONF: join(stack.folder, "static.conf"),
    PATH: `${stack.folder}/bin:${process.env.PATH ?? ""}`,
  });

const startNginx = () =>
  docker(
    ...["run", "-d", "--init", "--name", `${stack.name}-nginx`, ...stack.labels("nginx")],
    ...["--network", `${stack.name}-control`, "-v", `${stack.folder}:${stack.folder}`, "--user", "0"],
    ...["--entrypoint", "sh", image, "-c"],
    `rm -f ${stack.folder}/*.sock; exec nginx -c ${stack.folder}/current/nginx.conf -g 'daemon off;'`,
  );

beforeAll(async () => {
  image = await nginxImage();
  await stack.create(["control"]);
  consul = await stack.consul("control");
  await chmod(stack.folder, 0o755);
  await mkdir(join(stack.folder, "candidate"));
  await mkdir(join(stack.folder, "bin"));
  const nginx = `#!/bin/sh\nexec docker run --rm --network none -v ${stack.folder}:${stack.folder} --user 0 --entrypoint nginx ${image} "$@"\n`;
  await writeFile(join(stack.folder, "bin", "nginx"), nginx, { mode: 0o755 });
  await writeFile(
    join(stack.folder, "static.conf"),
    `user root; worker_processes 2; pid /tmp/nginx.pid; error_log stderr notice;
     events { worker_connections 256; }
     http { access_log off; include generation.conf; include upstreams.conf;
       server { listen unix:${stack.folder}/status.sock;
         location = /generation { default_type text/plain; return 200 $config_generation; }
         location = /status { stub_status; } }
       log_format timing '$status $upstream_response_time';
       ${[8001, 8002, 8003, 8004, 8005].map((port) => `server { listen 127.0.0.1:${port}; return 200; }`).join("\n")}
       server { listen 80; access_log ${stack.folder}/timings.log timing buffer=16k flush=1s; location / { proxy_pass http://wordpress; }
         location /slow { limit_rate 1k; alias /usr/sbin/nginx; } } }`,
  );
  reloader = await start();
});

afterAll(async () => {
  await stack.remove();
});

test("before nginx exists there is a checked configuration for it to start with", async () => {
  await render([]);
  await until("current", () => reloader.loggedAt("current", { generation }) !== undefined);
  await startNginx();
  await until("applied", isApplied({ generation, retired: true }));
});

test("a new configuration is served, published, and retired", async () => {
  await render(["127.0.0.1:8001", "127.0.0.1:8002"]);
  await until("applied", isApplied({ generation, retired: true }));
  expect((await applied()).members.map(({ address }) => address)).toEqual(["127.0.0.1:8001", "127.0.0.1:8002"]);
  expect(await docker("exec", `${stack.name}-nginx`, "cat", `${stack.folder}/current/upstreams.conf`)).toContain(
    "8002",
  );
});

test("retired waits for the last request of an old worker, serving does not", async () => {
  const name = `${stack.name}-nginx`;
  await docker(
    "exec",
    "-d",
    name,
    "perl",
    "-MIO::Socket::INET",
    "-e",
    `
    my $s = IO::Socket::INET->new("127.0.0.1:80"); print $s "GET /slow HTTP/1.0\\r\\n\\r\\n"; my $end = time + 4;
    while (time < $end) { sysread $s, my $b, 512; select undef, undef, undef, 0.1; }`,
  );
  await until("an old worker has a request", async () => (await number("nginx_active_requests")) === 1);
  await render(["127.0.0.1:8001"]);
  await until("serving", isApplied({ generation, retired: false }));
  await render(["127.0.0.1:8003"]);
  await until("the next one serves meanwhile", isApplied({ generation, retired: false }));
  await until("retired", isApplied({ generation, retired: true }));
});

test("nginx's own numbers, and the times of its upstreams, are among the metrics", async () => {
  const address = (
    await docker(
      "inspect",
      "--format",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      `${stack.name}-nginx`,
    )
  ).trim();
  const requests = await number("nginx_requests_total");
  const answered = await number('nginx_responses_total{class="2xx"}');
  await Promise.all(Array.from({ length: 5 }, () => fetch(`http://${address}/`)));
  await until("five answers more", async () => (await number('nginx_responses_total{class="2xx"}')) === answered + 5);
  // The slow one of the test before had no upstream.
  expect(await number("nginx_upstream_response_seconds_count")).toBe(5);
  expect(await number("nginx_up")).toBe(1);
  expect(await reloader.metrics()).toMatch(/^nginx_active_requests \d+$/m);
  expect(await number("nginx_requests_total")).toBeGreaterThanOrEqual(requests + 5);
});

test("an empty set, a broken one and an unreachable one are refused, and the last good one serves on", async () => {
  const good = await applied();
  await render([]);
  await until("refused", async () => /has no members/.test((await applied()).refused ?? ""));
  await render(["1:2:3"]);
  await until("refused", async () => /invalid port/.test((await applied()).refused ?? ""));
  await render(["127.0.0.1:7001", "127.0.0.1:7002"]);
  await until("refused", async () => /can reach no server of the candidate/.test((await applied()).refused ?? ""));
  expect(await reloader.metrics()).toMatch(/^reloader_refused 1$/m);
  expect((await applied()).configHash).toBe(good.configHash);
  await render(["127.0.0.1:8004"]);
  await until("applied", isApplied({ generation, retired: true }));
  expect(await applied()).not.toHaveProperty("refused");
});

test("after a wipe of Consul, and after nginx was killed, the published value is correct again", async () => {
  await docker("restart", "-t", "1", `${stack.name}-consul`);
  await until("published again", isApplied({ generation, retired: true }));
  await docker("kill", `${stack.name}-nginx`);
  await render(["127.0.0.1:8005"]);
  await docker("start", `${stack.name}-nginx`);
  await until("nginx starts with the newest", isApplied({ generation, retired: true }));
});

test("a hundred changes during long requests cause few reloads and few old workers, and the last one is served", async () => {
  const name = `${stack.name}-nginx`;
  const reloads = async () => Number(/^reloader_reloads_total (\d+)$/m.exec(await reloader.metrics())?.[1]);
  const slow = `for i in 1 2 3 4 5 6; do exec {fd}<>/dev/tcp/127.0.0.1/80; printf "GET /slow HTTP/1.0\\r\\n\\r\\n" >&$fd; sleep 0.3; done; sleep 20`;
  await docker("exec", "-d", name, "bash", "-c", slow);
  const before = await reloads();
  const began = performance.now();
  let most = 0;
  for (let change = 0; change < 100; change += 1) {
    await render([`127.0.0.1:800${1 + (change % 2)}`, "127.0.0.1:8003"]);
    if (change % 10 === 0) {
      const processes = await docker("top", name, "-eo", "pid,args");
      most = Math.max(most, (processes.match(/shutting down/g) ?? []).length);
    }
    await pause(20);
  }
  const last = generation;
  await until("the last one is served", isApplied({ generation: last }));
  const made = (await reloads()) - before;
  const tookSeconds = (performance.now() - began) / 1000;
  // 100 ms apart at least, and far fewer once old workers are left.
  expect(made).toBeGreaterThanOrEqual(2);
  expect(made).toBeLessThanOrEqual(Math.min(40, 10 * tookSeconds));
  // Two workers a generation, and some that are just ending.
  expect(most).toBeLessThanOrEqual(2 * (MOST_OLD_GENERATIONS + 1));
});

test("after Consul lost the desired set, the last one is restored", async () => {
  const key = `${consul}/v1/kv/${desiredKey(stack.name)}`;
  const wanted = { generation: 5_000, members: [{ name: "web-9", containerId: "9".repeat(64) }] };
  await fetch(key, { method: "PUT", body: JSON.stringify(wanted) });
  await until("kept", async () => (await readFile(join(stack.folder, "desired.json"), "utf8")).includes("5000"));
  await docker("restart", "-t", "1", `${stack.name}-consul`);
  await until("restored", async () => {
    const answer = await fetch(`${key}?raw`);
    return answer.ok && JSON.stringify(await answer.json()) === JSON.stringify(wanted);
  });
});

test("a new reloader takes over what runs, without a reload", async () => {
  expect(await reloader.end()).toBe(0);
  reloader = await start();
  await until("retired after two checks", async () => /old_workers 0/.test(await reloader.metrics()));
  expect(await reloader.metrics()).toMatch(/reloads_total 0/);
  await until("published", isApplied({ generation, retired: true }));
});
