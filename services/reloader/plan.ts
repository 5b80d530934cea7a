import type { Applied } from "../../contract/consul-kv";
import type { Generation } from "./generation";

/** A candidate that nginx would not take. */
export interface Rejected {
  hash: string;
  why: string;
  /** From then on it is checked again: the fault may have been outside it. */
  retryAtMs: number;
}

/** What to do with the newest candidate. */
export type Verdict =
  | { kind: "keep" }
  /** Leave the last good configuration where it is, and say why. */
  | { kind: "refuse"; why: string }
  /** Let nginx check it, then make it current. */
  | { kind: "install"; generation: Generation };

/** After nginx's objection to a candidate, and after none of its servers could be reached. */
export const RETRY_REJECTED_MS = 30_000;
export const RETRY_UNREACHABLE_MS = 2_000;

/** No server of the one is in the other: nothing that is known to serve would be left. */
export const isAllNew = (candidate: Generation, current: Generation | undefined): boolean => {
  const known = new Set(current?.members.map(({ address }) => address));
  return (
    known.size > 0 && candidate.members.length > 0 && candidate.members.every(({ address }) => !known.has(address))
  );
};

/**
 * INVARIANTS: a configuration with members is never followed by one without: an empty catalog is taken for Consul's fault.
 * One that says who is wanted is never followed by one that does not: Consul was wiped, and its catalog may have only the
 * first of many again.
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
    return { kind: "refuse", why: `the new set is empty: keeping the last good one of ${current.members.length}` };
  }
  if (candidate.desired === 0 && current !== undefined && current.desired > 0) {
    return {
      kind: "refuse",
      why: `Consul has lost who is wanted: keeping the last good set of ${current.members.length}`,
    };
  }
  if (rejected?.hash === candidate.hash && nowMs < rejected.retryAtMs) {
    return { kind: "refuse", why: rejected.why };
  }
  return { kind: "install", generation: candidate };
}

/** Least time between two reloads: the first of a burst goes at once, the rest of it together. */
export const RELOAD_SPACING_MS = 100;
/** From so many older generations with workers on, a storm of reloads must not stack them up: the spacing trebles with each more. */
export const CROWDED_GENERATIONS = 4;
export const CROWDED_SPACING_MS = 1_000;
/**
 * So many older generations may have workers at a time, beside the one that serves: nginx's memory limit is sized for these 9 sets of
 * workers. Four may come in a burst, and the next after 1, 3, 9 and 27 s: together 40 s, so that requests of the default 60 s hold a storm up
 * for half a minute at the most. At the bound a reload waits until the workers of one have ended: `worker_shutdown_timeout` at the latest.
 */
export const MOST_OLD_GENERATIONS = 8;
/** After a reload that nginx did not follow. */
export const RETRY_RELOAD_MS = 5_000;

/** How long nginx must be left alone before it may be told to reload: 0 is now, Infinity until workers have ended. */
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

/** What the key-value store must say while nginx runs this. */
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

/** Equal in all but the time. */
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
