import { onPoke } from "./early-signals";
import { join } from "node:path";
import { z } from "zod";
import { consulClient } from "../lib/consul-client";
import { dockerClient } from "../lib/docker-client";
import { commonSettings, consulToken, readEnvironment, wholeNumber } from "../lib/environment";
import { jsonLog, reason } from "../lib/log";
import { pause } from "../lib/pause";
import { askHealth, serveStatus } from "../lib/status-server";
import { filesPort } from "./files";
import { nginxPort } from "./nginx";
import { appliedPort, Publisher } from "./publisher";
import { Reloader } from "./reloader";
import { reloaderMetrics } from "./reloader-metrics";

/** How long a pass that has begun may take after SIGTERM. */
const DRAIN_MS = 3_000;

const settings = {
  ...commonSettings,
  METRICS_PORT: wholeNumber(1, 65_535, 9102),
  NGINX_DIR: z.string().default("/srv/nginx"),
  STATIC_CONF: z.string().default("/etc/nginx-static/nginx.conf"),
};

async function main(): Promise<void> {
  const env = readEnvironment(settings, process.env);
  const at = { host: env.METRICS_HOST, port: env.METRICS_PORT };
  if (process.argv[2] === "health") process.exit(await askHealth(at));

  const log = jsonLog("reloader");
  const metrics = reloaderMetrics();
  const stop = new AbortController();
  const publisher = new Publisher(appliedPort(consulClient(env.CONSUL_HTTP_ADDR, consulToken(env)), env.STACK), log);
  const reloader = new Reloader(
    filesPort(env.NGINX_DIR, env.STATIC_CONF),
    nginxPort(dockerClient(env.DOCKER_SOCKET), env.STACK, join(env.NGINX_DIR, "status.sock")),
    publisher,
    metrics,
    log,
  );
  onPoke(() => reloader.poke());
  const health = () => ({
    ok: reloader.current !== undefined,
    detail: { configHash: reloader.current?.hash, generation: reloader.current?.desired },
  });
  await serveStatus(at, health, metrics.render);
  log.info("started", { stack: env.STACK, consul: env.CONSUL_HTTP_ADDR, dir: env.NGINX_DIR, metrics: at });

  const running = Promise.all([reloader.run(stop.signal), publisher.run(stop.signal)]);
  const end = (signal: string) => {
    log.info("ending; nginx serves on", { signal });
    stop.abort();
    void Promise.race([running, pause(DRAIN_MS)]).then(() => process.exit(0));
  };
  process.on("SIGTERM", end).on("SIGINT", end);
  await running;
}

main().catch((error: unknown) => {
  jsonLog("reloader").error("cannot go on", { error: reason(error) });
  process.exit(1);
});
