import type Docker from "dockerode";
import { z } from "zod";
import { STACK_LABEL } from "../../contract/labels";
import { monotonicMs } from "../kit/clock";
import { reason, type Log } from "../kit/log";
import { Backoff, isOver, pause } from "../kit/pause";
import { within } from "../kit/within";

/** A Docker event about a container of the stack. */
export interface ContainerEvent {
  containerId: string;
  /** As Docker names it ("kill", "health_status: healthy", "connect"). */
  action: string;
  atMs: number;
  /** Only for `kill`. */
  signal?: string;
}

export interface EventHandlers {
  event(event: ContainerEvent): void;
  /** The stream is open, for the first time or again: any event may have been missed before. */
  connected(): void;
}

const message = z.object({
  Type: z.string(),
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string()).nullish() }),
});

/**
 * Docker filters by these, because 30 replicas with a 2 s health check cause 51 exec events a second. With health_status in the
 * list Docker matches by prefix (moby #25798); none of these is a prefix of exec_*.
 */
const CONTAINER_EVENTS = ["start", "die", "kill", "stop", "health_status", "pause", "unpause", "destroy", "rename"];

/** Parses one of Docker's events; undefined when it does not concern a container. */
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

/** Timeout for opening a stream. Docker sends the response's headers at once. */
const OPEN_MS = 10_000;
/** A stream that was silent for this long is reopened: a connection that was lost without notice looks like a quiet one. */
const SILENT_MS = 30_000;
const SILENT = "silent";
/** A stream that ends sooner counts as a failed attempt to open one: the retry delay keeps growing. */
const STABLE_MS = 5_000;
/** Recent events, to recognise replayed ones. Docker replays up to 256. */
const REMEMBERED = 512;

export interface FollowOptions {
  stack: string;
  /** Where the first replay begins: a timestamp of Docker's, in ms since the epoch. */
  sinceMs: number;
  /** @default SILENT_MS */
  silentMs?: number;
  /** @default OPEN_MS */
  openMs?: number;
}

/**
 * Follows Docker's events until aborted. After a reconnect, with a growing delay, Docker replays the events since the last one (it
 * keeps 256), because a stop intent appears in no list. Each event is delivered once. `docker` must have no timeout.
 */
export async function followEvents(
  docker: Docker,
  options: FollowOptions,
  handlers: EventHandlers,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const label = [`${STACK_LABEL}=${options.stack}`];
  await Promise.all([
    follow({ type: ["container"], event: CONTAINER_EVENTS, label }),
    // Network events do not carry the container's labels.
    follow({ type: ["network"], event: ["connect", "disconnect"] }),
  ]);

  async function follow(filters: Record<string, string[]>): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    const delivered = new Recent(REMEMBERED);
    // The timestamp of the last event, not the highest one: the host's clock may have been set back.
    let since = options.sinceMs;
    const take = (line: string) => {
      const event = readEvent(line);
      if (event === undefined) return;
      since = event.atMs;
      if (delivered.isNew([event.atMs, event.containerId, event.action, event.signal].join())) handlers.event(event);
    };
    while (!isOver(signal)) {
      const openedMs = monotonicMs();
      try {
        await readStream(filters, since, take);
        continue;
      } catch (error) {
        if (isOver(signal)) return;
        log.warn("docker's event stream ended; reconnecting", { type: filters.type, error: reason(error) });
      }
      if (monotonicMs() - openedMs > STABLE_MS) backoff.reset();
      await pause(backoff.next(), signal);
    }
  }

  /** Returns when the stream has been silent for `silentMs`. @throws Error when it ended or could not be opened */
  async function readStream(
    filters: Record<string, string[]>,
    since: number,
    take: (line: string) => void,
  ): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener("abort", end);
    let silence: NodeJS.Timeout | undefined;
    try {
      const asked = docker.getEvents({ filters, since: since / 1000, abortSignal: over.signal });
      const stream = await within(options.openMs ?? OPEN_MS, "docker's event stream", asked);
      handlers.connected();
      silence = setTimeout(() => over.abort(SILENT), options.silentMs ?? SILENT_MS);
      for await (const line of lines(stream)) {
        silence.refresh();
        take(line);
      }
      throw new Error("docker ended the stream");
    } catch (error) {
      if (over.signal.reason !== SILENT) throw error;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
      over.abort();
    }
  }

  /** An unreadable line is logged and skipped. */
  function readEvent(line: string): ContainerEvent | undefined {
    try {
      return parseEvent(line);
    } catch (error) {
      log.warn("a docker event cannot be read", { line: line.slice(0, 200), error: reason(error) });
      return undefined;
    }
  }
}

/** A set that keeps only the newest keys. */
class Recent {
  private readonly keys = new Set<string>();

  constructor(private readonly most: number) {}

  /** Adds the key; false when it was there already. */
  isNew(key: string): boolean {
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    for (const oldest of this.keys) {
      if (this.keys.size <= this.most) break;
      this.keys.delete(oldest);
    }
    return true;
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
