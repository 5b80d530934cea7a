import type { ContainerEvent } from "./docker-events";
import type { ContainerView } from "./model";

/** An event whose stamp is further from now is not news: it is replayed, or the clock was set since. */
const NEWS_MS = 5_000;

/**
 * What an event alone says about a container already seen: Docker's answer to an inspection may take 150 ms more. undefined:
 * nothing, or the event is older than the sight (Docker replays old ones after a reconnect). An inspection always follows.
 * All times are of the wall clock, as Docker's stamps are; in doubt nothing is foretold.
 */
export function foretell(
  event: ContainerEvent,
  seen: ContainerView | undefined,
  seenAtMs: number,
  wallNowMs: number,
): ContainerView | undefined {
  if (seen === undefined || Math.abs(event.atMs - wallNowMs) > NEWS_MS) return undefined;
  if (event.atMs <= seenAtMs || event.atMs < Date.parse(seen.startedAt)) return undefined;
  switch (event.action) {
    case "die":
      return { ...seen, running: false };
    case "pause":
      return { ...seen, paused: true };
    case "kill":
      return seen;
    case "health_status: healthy":
      return { ...seen, health: "healthy" };
    case "health_status: unhealthy":
      return { ...seen, health: "unhealthy" };
    default:
      return undefined;
  }
}
