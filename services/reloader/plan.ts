import type { Applied } from "../../contract/consul-kv";
import type { Generation } from "./generation";

/** A candidate that nginx rejected. */
export interface Rejected {
  hash: string;
  why: string;
  /** When it is checked again: the cause may have been outside the candidate. */
  retryAtMs: number;
}

/** What to do with the newest candidate. */
export type Verdict =
  | { kind: "keep" }
  /** Keep the last good configuration, and report why. */
  | { kind: "refuse"; why: string }
  /** Let nginx check it, then make it current. */
  | { kind: "install"; generation: Generation };

/** Retry intervals: after `nginx -t` failed, and after no server of the candidate could be reached. */
export const RETRY_REJECTED_MS = 30_000;
export const RETRY_UNREACHABLE_MS = 2_000;

/** The candidate shares no server with the current configuration: none of its servers is known to work. */
export const isAllNew = (candidate: Generation, current: Generation | undefined): boolean => {
  const known = new Set(current?.members.map(({ address }) => address));
  return (
    known.size > 0 && candidate.members.length > 0 && candidate.members.every(({ address }) => !known.has(address))
  );
};

/**
 * INVARIANTS: a configuration with members is never replaced by an empty one: an empty catalog is assumed to be Consul's fault. A
 * configuration rendered from a desired set is never replaced by one without: Consul was wiped, and so far its catalog may have only
 * some of the replicas again.
 */
export function judge(
  candidate: Generation | Error | undefined,
  current: Generation | undefined,
  rejected: Rejected | undefined,
  nowMs: number,
): Verdict {
  if (candidate === undefined) return { kind: "keep" };
  if (candidate instanceof Error) return { kind: "refuse", why: candidate.message };
  if (candidate.hash === current?.hash) return { kind: "keep" };
  if (candidate.members.length === 0 && current !== undefined && current.members.length > 0) {
    return {
      kind: "refuse",
      why: `the candidate has no members: keeping the last good configuration with ${current.members.length}`,
    };
  }
  if (candidate.desired === 0 && current !== undefined && current.desired > 0) {
    return {
      kind: "refuse",
      why: `Consul has lost the desired set: keeping the last good configuration with ${current.members.length} members`,
    };
  }
  if (rejected?.hash === candidate.hash && nowMs < rejected.retryAtMs) {
    return { kind: "refuse", why: rejected.why };
  }
  return { kind: "install", generation: candidate };
}

/** Minimum interval between reloads: the first change of a burst is served at once, the others together in the next reload. */
export const RELOAD_SPACING_MS = 100;
/** From this many older generations with workers on, the interval between reloads grows, and triples with each further generation. */
export const CROWDED_GENERATIONS = 4;
export const CROWDED_SPACING_MS = 1_000;
/**
 * The most older generations that may have workers at a time, besides the one that serves: nginx's memory limit is sized for these 9
 * sets of workers. Four may come in a burst, the others after 1, 3, 9 and 27 s: 40 s in all, so that with requests of the default 60 s
 * a storm of changes waits for half a minute at most. At the bound a reload waits until the workers of one generation have exited, which
 * `worker_shutdown_timeout` limits.
 */
export const MOST_OLD_GENERATIONS = 8;
/** Retry interval after a reload that had no effect. */
export const RETRY_RELOAD_MS = 5_000;

/** How long to wait before the next reload. 0: reload now; Infinity: until older workers have exited. */
export function reloadWaitMs(
  last: { atMs: number; followed: boolean } | undefined,
  oldGenerations: number,
  nowMs: number,
): number {
  if (oldGenerations >= MOST_OLD_GENERATIONS) return Infinity;
  if (last === undefined) return 0;
  const spacing = !last.followed
    ? RETRY_RELOAD_MS
    : oldGenerations >= CROWDED_GENERATIONS
      ? CROWDED_SPACING_MS * 3 ** (oldGenerations - CROWDED_GENERATIONS)
      : RELOAD_SPACING_MS;
  return Math.max(0, last.atMs + spacing - nowMs);
}

/** The `applied` value for a configuration that nginx runs. */
export function appliedOf(running: Generation, retired: boolean, refused: string | undefined): Omit<Applied, "at"> {
  const { hash, settingsHash, desired, members } = running;
  return {
    generation: desired,
    configHash: hash,
    settingsHash,
    members,
    retired,
    ...(refused === undefined ? {} : { refused }),
  };
}

/** Equal but for the time. */
export function sameApplied(a: Omit<Applied, "at"> | undefined, b: Omit<Applied, "at"> | undefined): boolean {
  const essence = (one: Omit<Applied, "at"> | undefined) =>
    one && [
      one.generation,
      one.configHash,
      one.retired,
      one.refused,
      one.members.map((m) => [m.name, m.containerId, m.address]),
    ];
  return JSON.stringify(essence(a)) === JSON.stringify(essence(b));
}
