import type { ContainerEvent } from "./docker-events";
import type { ContainerView } from "./model";

/** An event whose timestamp is further from now was replayed, or the clock has been set since: nothing is predicted from it. */
const CURRENT_MS = 5_000;

/**
 * The container's state as an event implies it, ahead of the inspection, which may take 150 ms more and always follows. undefined:
 * the event implies nothing, or is older than the snapshot (Docker replays events after a reconnect).
 * All times are wall-clock times, as Docker's timestamps are; in doubt nothing is predicted.
 */
export function predict(
  event: ContainerEvent,
  seen: ContainerView | undefined,
  seenAtMs: number,
  wallNowMs: number,
): ContainerView | undefined {
  if (seen === undefined || Math.abs(event.atMs - wallNowMs) > CURRENT_MS) return undefined;
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
