/** Limits of time and size: the configured ones, conflicts among them, and all times derived from them. */
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

/** The configured limits. */
export interface TimeLimits {
  /** Longest time that one request may take. */
  maxRequestSeconds: number;
  /** How long nginx keeps an idle client connection open through a reload. */
  keepaliveMinSeconds: number;
  /** How long a stopping replica must have had no request before it exits without a release signal. */
  drainSeconds: number;
}

export interface LimitSettings extends TimeLimits {
  /** Limit of an upload, and of any request body. */
  uploadMaxMiB: number;
  /** Of each replica, the installer and the cron runner. */
  wordpressMemoryMiB: number;
  /** Requests that one replica processes at a time. */
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
 * How long nginx may take to stop, or to retire a configuration: an older worker may receive its last request after it has kept an idle
 * connection for keepaliveMinSeconds, and that request may take maxRequestSeconds.
 */
export const workerShutdownSeconds = ({ keepaliveMinSeconds, maxRequestSeconds }: TimeLimits): number =>
  keepaliveMinSeconds + maxRequestSeconds;

/** Time from the stop signal to KILL for a replica. Longer than any older worker of nginx lives. */
export const replicaGraceSeconds = ({ drainSeconds, maxRequestSeconds }: TimeLimits): number =>
  drainSeconds + maxRequestSeconds;

/** Time from the stop signal to KILL for nginx: a second longer than its workers may take. */
export const nginxGraceSeconds = (limits: TimeLimits): number => workerShutdownSeconds(limits) + 1;

/** How long Rollout waits for nginx's older workers to exit, with time for the reloader to notice. */
export const retiredSeconds = (limits: TimeLimits): number => workerShutdownSeconds(limits) + 10;

/** A container that still runs this long after its stop signal is routed again. A minute longer than any stop may take. */
export const stopIntentSeconds = (limits: TimeLimits): number => replicaGraceSeconds(limits) + 60;

/** Time from the stop signal to KILL for the cron runner: a running job may finish, within the time of the longest request. */
export const cronGraceSeconds = ({ maxRequestSeconds }: TimeLimits): number => maxRequestSeconds + 5;

/** Pulumi allows 20 minutes for deleting a container; 2 of them are reserved for the deletion itself. */
const MAX_GRACE_SECONDS = 18 * 60;

/** @returns the conflicts: the key to change, and what the other values allow. Pure. */
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
      allowed: `at most ${MAX_GRACE_SECONDS - maxRequestSeconds} beside maxRequestSeconds ${maxRequestSeconds}: a replica may take the sum of both to stop, and Pulumi allows 20 minutes for a deletion`,
    });
  }
  return found;
}
