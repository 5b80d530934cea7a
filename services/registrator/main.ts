import { REGISTRATOR_STATUS_PORT } from "../../contract/ports";
import { wallMs } from "../kit/clock";
import { consulClient } from "../kit/consul-client";
import { dockerClient } from "../kit/docker-client";
import { commonSettings, consulToken, readEnvironment, wholeNumber } from "../kit/environment";
import { jsonLog, reason } from "../kit/log";
import { pause } from "../kit/pause";
import { askStatus, offerStatus } from "../kit/status-server";
import { consulPort } from "./consul";
import { dockerPort } from "./docker";
import { followEvents } from "./docker-events";
import { Reconciler } from "./reconciler";
import { registratorMetrics } from "./registrator-metrics";

/** How long a run in progress may take after SIGTERM. */
const DRAIN_MS = 3_000;

const settings = {
  ...commonSettings,
  METRICS_PORT: wholeNumber(1, 65_535, REGISTRATOR_STATUS_PORT),
  /** Interval of full resyncs. */
  RESYNC_SECONDS: wholeNumber(1, 3_600, 10),
  /** Interval of the check for drift in Consul. */
  CONSUL_POLL_SECONDS: wholeNumber(1, 3_600, 2),
  /** A container that still runs this long after its stop signal is routed again. Longer than any stop timeout. */
  STOP_INTENT_SECONDS: wholeNumber(1, 86_400, 600),
};

async function main(): Promise<void> {
  const env = readEnvironment(settings, process.env);
  const at = { host: env.METRICS_HOST, port: env.METRICS_PORT };
  const [, , use] = process.argv;
  if (use === "health" || use === "metrics") process.exit(await askStatus(at, `/${use}`));

  const log = jsonLog("registrator");
  const metrics = registratorMetrics();
  const stop = new AbortController();
  const stack = env.STACK;
  const reconciler = new Reconciler(
    { stack, intentLimitMs: env.STOP_INTENT_SECONDS * 1000 },
    dockerPort(dockerClient(env.DOCKER_SOCKET), stack),
    consulPort(consulClient(env.CONSUL_HTTP_ADDR, consulToken(env)), stack),
    metrics,
    log,
    stop.signal,
  );
  const freshMs = 3 * env.RESYNC_SECONDS * 1000;
  const health = () => {
    const { successAgeMs } = reconciler;
    return { ok: successAgeMs !== undefined && successAgeMs < freshMs, detail: { successAgeMs } };
  };
  await offerStatus(at, health, metrics.render, log, stop.signal);
  log.info("started", { stack, consul: env.CONSUL_HTTP_ADDR, metrics: at });

  const every = async (seconds: number, what: () => void | Promise<void>) => {
    while (!stop.signal.aborted) {
      try {
        await what();
      } catch (error) {
        log.warn("consul does not answer", { error: reason(error) });
      }
      await pause(seconds * 1000, stop.signal);
    }
  };
  const handlers = {
    event: (event: Parameters<Reconciler["onEvent"]>[0]) => reconciler.onEvent(event),
    connected: () => {
      metrics.connects.add();
      reconciler.resync();
    },
  };
  const running = Promise.all([
    reconciler.run(),
    followEvents(
      dockerClient(env.DOCKER_SOCKET, 0),
      { stack, sinceMs: wallMs() - env.STOP_INTENT_SECONDS * 1000 },
      handlers,
      log,
      stop.signal,
    ),
    every(env.RESYNC_SECONDS, () => reconciler.resync()),
    every(env.CONSUL_POLL_SECONDS, () => reconciler.lookForDrift()),
  ]);
  const end = (signal: string) => {
    log.info("stopping; registered services stay in consul", { signal });
    stop.abort();
    void Promise.race([running, pause(DRAIN_MS)]).then(() => process.exit(0));
  };
  process.on("SIGTERM", end).on("SIGINT", end);
  await running;
}

main().catch((error: unknown) => {
  jsonLog("registrator").error("fatal error", { error: reason(error) });
  process.exit(1);
});
