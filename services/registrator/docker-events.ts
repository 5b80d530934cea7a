import type Docker from "dockerode";
import { z } from "zod";
import { STACK_LABEL } from "../../components/labels";
import { reason, type Log } from "../lib/log";
import { Backoff, isOver, pause } from "../lib/pause";

/** A thing that happened to a container of the stack. */
export interface ContainerEvent {
  containerId: string;
  /** Docker's own word ("kill", "health_status: healthy", "connect"). */
  action: string;
  atMs: number;
  /** Of a `kill`. */
  signal?: string;
}

export interface EventHandlers {
  event(event: ContainerEvent): void;
  /** The stream stands (anew): anything may have happened before. */
  connected(): void;
}

const message = z.object({
  Type: z.string(),
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string()).nullish() }),
});

/**
 * Filtered by Docker, for 30 replicas with a 2 s health check make 51 exec events a second. Docker matches these by prefix
 * as soon as health_status is among them (moby #25798), which exec_* do not.
 */
const CONTAINER_EVENTS = ["start", "die", "kill", "stop", "health_status", "pause", "unpause", "destroy", "rename"];

/** Docker's event as registrator's; undefined when it is about no container. */
export function parseEvent(line: string): ContainerEvent | undefined {
  const { Type, Action, timeNano, Actor } = message.parse(JSON.parse(line));
  const attributes = Actor.Attributes ?? {};
  const containerId = Type === "network" ? attributes.container : Actor.ID;
  if (containerId === undefined || containerId === "") return undefined;
  return {
    containerId,
    action: Action,
    atMs: Math.floor(timeNano / 1e6),
    ...(attributes.signal === undefined ? {} : { signal: attributes.signal }),
  };
}

/**
 * Follows Docker's events until aborted: reconnects with a growing delay, and asks Docker to replay what it still has since
 * the last event (it keeps 256), for a stop intent can be seen in no list. `docker` must have no time limit.
 */
export async function followEvents(
  docker: Docker,
  stack: string,
  sinceMs: number,
  handlers: EventHandlers,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const label = [`${STACK_LABEL}=${stack}`];
  await Promise.all([
    follow({ type: ["container"], event: CONTAINER_EVENTS, label }),
    // Network events do not carry the container's labels.
    follow({ type: ["network"], event: ["connect", "disconnect"] }),
  ]);

  async function follow(filters: Record<string, string[]>): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    let since = sinceMs;
    while (!isOver(signal)) {
      try {
        const stream = await docker.getEvents({ filters, since: since / 1000, abortSignal: signal });
        backoff.reset();
        handlers.connected();
        for await (const line of lines(stream)) {
          const event = parseEvent(line);
          if (event === undefined) continue;
          since = Math.max(since, event.atMs);
          handlers.event(event);
        }
        throw new Error("docker ended the stream");
      } catch (error) {
        if (isOver(signal)) return;
        log.warn("docker's event stream broke", { type: filters.type, error: reason(error) });
      }
      await pause(backoff.next(), signal);
    }
  }
}

async function* lines(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts.filter((part) => part.trim() !== "");
  }
}
