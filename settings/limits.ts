/** Limits of time and size: what the configuration sets, which settings contradict, and every time that follows from them. */
import type { ConfigReader } from "./reader";

export const LIMIT_KEYS = [
  "maxRequestSeconds",
  "keepaliveMinSeconds",
  "drainSeconds",
  "uploadMaxMiB",
  "wordpressMemoryMiB",
  "wordpressWorkers",
  "mysqlMemoryMiB",
] as const;

/** What the configuration sets. */
export interface TimeLimits {
  /** Longest time that one request may take. */
  maxRequestSeconds: number;
  /** How long nginx keeps an idle client connection open through a reload. */
  keepaliveMinSeconds: number;
  /** How long a stopped replica must have been without a request before it ends unreleased. */
  drainSeconds: number;
}

export interface LimitSettings extends TimeLimits {
  /** Of one upload, and of any request's body. */
  uploadMaxMiB: number;
  /** Of each replica, the installer and the cron runner. */
  wordpressMemoryMiB: number;
  /** Requests that one replica works on at a time. */
  wordpressWorkers: number;
  mysqlMemoryMiB: number;
}

export function readLimits(config: ConfigReader): LimitSettings {
  const limits = {
    maxRequestSeconds: config.integer("maxRequestSeconds", 5, 600),
    keepaliveMinSeconds: config.integer("keepaliveMinSeconds", 1, 60),
    drainSeconds: config.integer("drainSeconds", 2, 600),
    uploadMaxMiB: config.integer("uploadMaxMiB", 1, 1024),
    wordpressMemoryMiB: config.integer("wordpressMemoryMiB", 128, 65536),
    wordpressWorkers: config.integer("wordpressWorkers", 1, 256),
    mysqlMemoryMiB: config.integer("mysqlMemoryMiB", 256, 262144),
  };
  for (const { key, allowed } of contradictions(limits)) config.problem(key, String(limits[key]), allowed);
  return limits;
}

/**
 * A worker of an older configuration may take its last request when it has kept an idle connection for keepaliveMinSeconds, and
 * that request may take maxRequestSeconds: so long nginx may take to stop, and to retire a configuration.
 */
export const workerShutdownSeconds = ({ keepaliveMinSeconds, maxRequestSeconds }: TimeLimits): number =>
  keepaliveMinSeconds + maxRequestSeconds;

/** From the signal to the end of a replica, at the latest; then Docker kills it. Longer than any older worker lives. */
export const replicaGraceSeconds = ({ drainSeconds, maxRequestSeconds }: TimeLimits): number =>
  drainSeconds + maxRequestSeconds;

/** From the signal to the end of nginx, at the latest: a second longer than its workers may take. */
export const nginxGraceSeconds = (limits: TimeLimits): number => workerShutdownSeconds(limits) + 1;

/** How long Rollout waits for nginx's older workers to end, with time for the reloader to see it. */
export const retiredSeconds = (limits: TimeLimits): number => workerShutdownSeconds(limits) + 10;

/** A container that still runs this long after its stop signal is routed again. A minute longer than any stop may take. */
export const stopIntentSeconds = (limits: TimeLimits): number => replicaGraceSeconds(limits) + 60;

/** From the signal to the end of the cron runner, at the latest: a job that runs may end, within the time of the longest request. */
export const cronGraceSeconds = ({ maxRequestSeconds }: TimeLimits): number => maxRequestSeconds + 5;

/** Pulumi gives the deletion of a container 20 minutes; 2 of them are for what is not waiting. */
const MAX_GRACE_SECONDS = 18 * 60;

/** @returns what contradicts: the key to change, and what is allowed beside the other values. Pure. */
export function contradictions(limits: TimeLimits): { key: keyof TimeLimits; allowed: string }[] {
  const { drainSeconds, keepaliveMinSeconds, maxRequestSeconds } = limits;
  const found: { key: keyof TimeLimits; allowed: string }[] = [];
  if (drainSeconds < keepaliveMinSeconds + 1) {
    found.push({
      key: "drainSeconds",
      allowed: `at least keepaliveMinSeconds + 1, which is ${keepaliveMinSeconds + 1}: nginx's older workers may send requests for keepaliveMinSeconds`,
    });
  }
  if (replicaGraceSeconds(limits) > MAX_GRACE_SECONDS) {
    found.push({
      key: "drainSeconds",
      allowed: `at most ${MAX_GRACE_SECONDS - maxRequestSeconds} beside maxRequestSeconds ${maxRequestSeconds}: a replica may take both together to stop, and Pulumi gives a deletion 20 minutes`,
    });
  }
  return found;
}
