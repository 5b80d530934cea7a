import { join } from "node:path";
import { z } from "zod";
import { NGINX_DIR, STATUS_SOCKET, TIMINGS_LOG } from "../../contract/paths";
import { RELOADER_STATUS_PORT } from "../../contract/ports";
import { consulClient } from "../kit/consul-client";
import { dockerClient } from "../kit/docker-client";
import { commonSettings, consulToken, readEnvironment, wholeNumber } from "../kit/environment";
import { jsonLog, reason } from "../kit/log";
import { pause } from "../kit/pause";
import { askStatus, offerStatus } from "../kit/status-server";
import { DesiredKeeper, desiredPort, desiredStore } from "./desired-keeper";
import { onPoke } from "./early-signals";
import { DESIRED, filesPort } from "./files";
import { askNginx, nginxPort } from "./nginx";
import { NginxNumbers } from "./nginx-numbers";
import { appliedPort, Publisher } from "./publisher";
import { Releaser, releasePort, stoppingPort } from "./release";
import { Reloader } from "./reloader";
import { reloaderMetrics } from "./reloader-metrics";
import { TimingsFile } from "./timings";

/** How long a pass in progress may take after SIGTERM. */
const DRAIN_MS = 3_000;
/** Interval of reading the timings log. */
const COLLECT_MS = 2_000;

const settings = {
  ...commonSettings,
  METRICS_PORT: wholeNumber(1, 65_535, RELOADER_STATUS_PORT),
  NGINX_DIR: z.string().default(NGINX_DIR),
  STATIC_CONF: z.string().default("/etc/nginx-static/nginx.conf"),
};

async function main(): Promise<void> {
  const env = readEnvironment(settings, process.env);
  const at = { host: env.METRICS_HOST, port: env.METRICS_PORT };
  const [, , use] = process.argv;
  if (use === "health" || use === "metrics") process.exit(await askStatus(at, `/${use}`));

  const log = jsonLog("reloader");
  const metrics = reloaderMetrics();
  const stop = new AbortController();
  const consul = consulClient(env.CONSUL_HTTP_ADDR, consulToken(env));
  const docker = dockerClient(env.DOCKER_SOCKET);
  const publisher = new Publisher(appliedPort(consul, env.STACK), log);
  const releaser = new Releaser(stoppingPort(consul, env.STACK), releasePort(docker, env.STACK), log);
  const statusSocket = join(env.NGINX_DIR, STATUS_SOCKET);
  const timings = new TimingsFile(join(env.NGINX_DIR, TIMINGS_LOG));
  const numbers = new NginxNumbers(() => askNginx(statusSocket, "/status"), timings);
  const nginx = nginxPort(docker, env.STACK, statusSocket);
  const reloader = new Reloader(
    filesPort(env.NGINX_DIR, env.STATIC_CONF, timings),
    nginx,
    {
      publish(applied, newest) {
        publisher.publish(applied);
        releaser.observe(newest ? applied : undefined);
      },
      installing: () => releaser.observe(undefined),
    },
    metrics,
    log,
  );
  const keeper = new DesiredKeeper(
    desiredPort(consul, env.STACK),
    desiredStore(join(env.NGINX_DIR, DESIRED)),
    reloader,
    log,
  );
  onPoke(() => reloader.poke());
  const health = () => ({
    ok: reloader.current !== undefined,
    detail: { configHash: reloader.current?.hash, generation: reloader.current?.desired },
  });
  await offerStatus(at, health, async () => metrics.render() + (await numbers.render()), log, stop.signal);
  log.info("started", { stack: env.STACK, consul: env.CONSUL_HTTP_ADDR, dir: env.NGINX_DIR, metrics: at });

  const collect = async () => {
    let isLost = false;
    while (!stop.signal.aborted) {
      try {
        await numbers.collect();
        isLost = false;
      } catch (error) {
        // Before the first configuration the file has not been created yet.
        if (!isLost && reloader.current !== undefined)
          log.warn("cannot read nginx's timings log; recreating it", { error: reason(error) });
        isLost = reloader.current !== undefined;
        if (isLost) await recreateTimings().catch(() => undefined);
      }
      await pause(COLLECT_MS, stop.signal);
    }
  };
  // nginx keeps writing to the file that it has open, even when that was removed.
  const recreateTimings = async () => {
    await timings.ensure();
    await nginx.reopenLogs(await nginx.containers());
  };
  const running = Promise.all([
    reloader.run(stop.signal),
    publisher.run(stop.signal),
    releaser.run(stop.signal),
    keeper.run(stop.signal),
    collect(),
  ]);
  const end = (signal: string) => {
    log.info("stopping; nginx keeps serving", { signal });
    stop.abort();
    void Promise.race([running, pause(DRAIN_MS)]).then(() => process.exit(0));
  };
  process.on("SIGTERM", end).on("SIGINT", end);
  await running;
}

main().catch((error: unknown) => {
  jsonLog("reloader").error("fatal error", { error: reason(error) });
  process.exit(1);
});
