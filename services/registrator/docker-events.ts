import type Docker from "dockerode";
import { z } from "zod";
import { STACK_LABEL } from "../../contract/labels";
import { monotonicMs } from "../kit/clock";
import { reason, type Log } from "../kit/log";
import { Backoff, isOver, pause } from "../kit/pause";
import { within } from "../kit/within";

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

/** How long Docker may take to begin a stream: it sends the head of its answer at once. */
const OPEN_MS = 10_000;
/** A stream that has been silent for so long is opened anew: one whose other end is gone without a word looks the same as a quiet one. */
const SILENT_MS = 30_000;
const SILENT = "silent";
/** A stream that ended sooner is a failure like one that could not be opened. */
const STABLE_MS = 5_000;
/** Docker replays up to 256. */
const REMEMBERED = 512;

export interface FollowOptions {
  stack: string;
  /** Of Docker's stamps, in ms since the epoch: from then on it is to replay what it still has. */
  sinceMs: number;
  /** @default SILENT_MS */
  silentMs?: number;
  /** @default OPEN_MS */
  openMs?: number;
}

/**
 * Follows Docker's events until aborted: reconnects with a growing delay, and asks Docker to replay what it still has since
 * the last event (it keeps 256), for a stop intent can be seen in no list. What is replayed is told once. `docker` must have no time
 * limit.
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
    const told = new Recent(REMEMBERED);
    // The last event's stamp, not the latest: the host's clock may have been set back.
    let since = options.sinceMs;
    const take = (line: string) => {
      const event = readEvent(line);
      if (event === undefined) return;
      since = event.atMs;
      if (told.isNew([event.atMs, event.containerId, event.action, event.signal].join())) handlers.event(event);
    };
    while (!isOver(signal)) {
      const openedMs = monotonicMs();
      try {
        await readStream(filters, since, take);
        continue;
      } catch (error) {
        if (isOver(signal)) return;
        log.warn("docker's event stream broke", { type: filters.type, error: reason(error) });
      }
      if (monotonicMs() - openedMs > STABLE_MS) backoff.reset();
      await pause(backoff.next(), signal);
    }
  }

  /** Returns when the stream has been silent for long. @throws Error when it ended or could not be opened */
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

  /** One line that cannot be read is no reason to lose the others. */
  function readEvent(line: string): ContainerEvent | undefined {
    try {
      return parseEvent(line);
    } catch (error) {
      log.warn("an event of docker's cannot be read", { line: line.slice(0, 200), error: reason(error) });
      return undefined;
    }
  }
}

/** The newest of many keys. */
class Recent {
  private readonly keys = new Set<string>();

  constructor(private readonly most: number) {}

  /** Whether it is not among them; from now on it is. */
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
