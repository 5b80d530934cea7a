import type { ContainerEvent } from "./docker-events";
import type { ContainerView } from "./model";

/**
 * What an event alone says about a container already seen: Docker's answer to an inspection may take 150 ms more. undefined:
 * nothing, or the event is older than the sight (Docker replays old ones after a reconnect). An inspection always follows.
 */
export function foretell(
  event: ContainerEvent,
  seen: ContainerView | undefined,
  seenAtMs: number,
): ContainerView | undefined {
  if (seen === undefined || event.atMs <= seenAtMs || event.atMs < Date.parse(seen.startedAt)) return undefined;
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
