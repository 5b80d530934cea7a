import type Consul from "consul";
import type Docker from "dockerode";
import { z } from "zod";
import { stoppingKey, type Applied, type Stopping } from "../../contract/consul-kv";
import { RELEASE_SIGNAL_LABEL, STACK_LABEL } from "../../contract/labels";
import { watchKey } from "../kit/consul-client";
import { parseStopping } from "../kit/consul-values";
import { isNotRunning } from "../kit/docker-client";
import { reason, type Log } from "../kit/log";
import { Backoff, isOver, pause, Wake } from "../kit/pause";

/** The stop intents, by container id. */
export type StoppingContainers = ReadonlyMap<string, Stopping>;

export interface StoppingPort {
  /** Calls `changed` at once and after each change, until aborted. While Consul cannot be reached the calls are only delayed. */
  watch(changed: (stopping: StoppingContainers) => void, signal: AbortSignal): void;
}

/** Watches registrator's stop intents with blocking queries. */
export function stoppingPort(consul: Consul, stack: string): StoppingPort {
  const prefix = stoppingKey(stack, "");
  return {
    watch(changed, signal) {
      const take = (found: unknown) => {
        const stopping = stoppingOf(found, prefix);
        if (stopping !== undefined) changed(stopping);
      };
      watchKey(consul, prefix, { wait: "5s", isPrefix: true }, take, signal);
    },
  };
}

const items = z.array(z.object({ Key: z.string(), Value: z.string().nullable() })).optional();

/** Parses the stop intents and skips unreadable ones. undefined: this is not a response of Consul's. */
export function stoppingOf(found: unknown, prefix: string): StoppingContainers | undefined {
  const { success, data = [] } = items.safeParse(found);
  if (!success) return undefined;
  return new Map(
    data.flatMap(({ Key, Value }): [string, Stopping][] => {
      const value = parseStopping(Value);
      return value === undefined ? [] : [[Key.slice(prefix.length), value]];
    }),
  );
}

export interface ReleasePort {
  /** Sends the release signal to the process that started then; false: it has ended, or its container names no signal. */
  release(containerId: string, startedAt: string): Promise<boolean>;
}

const inspected = z.object({
  Config: z.object({ Labels: z.record(z.string()).nullish() }),
  State: z.object({ Running: z.boolean(), StartedAt: z.string() }),
});

export function releasePort(docker: Docker, stack: string): ReleasePort {
  return {
    async release(containerId, startedAt) {
      try {
        const container = docker.getContainer(containerId);
        const { Config, State } = inspected.parse(await container.inspect());
        const labels = Config.Labels ?? {};
        const signal = labels[RELEASE_SIGNAL_LABEL];
        const isMeant = labels[STACK_LABEL] === stack && State.Running && State.StartedAt === startedAt;
        if (signal === undefined || !isMeant) return false;
        // For Docker a signal sent through its API is a stop by hand, which prevents a restart. This container is being stopped anyway.
        await container.kill({ signal });
        return true;
      } catch (error) {
        if (isNotRunning(error)) return false;
        throw error;
      }
    },
  };
}

/** The configuration that nginx runs. */
export type Running = Omit<Applied, "at">;

/** The stopping containers to which no nginx worker can send requests any more. */
export function due(stoppingNow: StoppingContainers, running: Running | undefined): string[] {
  if (running?.retired !== true) return [];
  const routed = new Set(running.members.map(({ containerId }) => containerId));
  return [...stoppingNow.keys()].filter((id) => !routed.has(id));
}

/**
 * Signals a stopping replica when nginx will send it no more requests, so that it need not wait to find out by itself.
 * INVARIANT: a process is signalled once, only while it is being stopped, and only while nginx runs the newest configuration, retired
 * and without this container. A replica that gets no signal only takes longer to stop.
 */
export class Releaser {
  private stopping: StoppingContainers = new Map();
  private running: Running | undefined;
  /** By container id: the start time of the process that was signalled. */
  private readonly released = new Map<string, string>();
  private readonly news = new Wake();

  constructor(
    private readonly intents: StoppingPort,
    private readonly port: ReleasePort,
    private readonly log: Log,
  ) {}

  /** undefined: another configuration is being installed. */
  observe(running: Running | undefined): void {
    this.running = running;
    this.news.up();
  }

  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    this.intents.watch((stoppingNow) => {
      this.stopping = stoppingNow;
      this.news.up();
    }, signal);
    for (;;) {
      await this.news.wait(signal);
      if (isOver(signal)) return;
      try {
        await this.once();
        backoff.reset();
      } catch (error) {
        this.log.warn("cannot signal a stopping replica; retrying (without a signal it exits after its drain time)", {
          error: reason(error),
        });
        await pause(backoff.next(), signal);
        this.news.up();
      }
    }
  }

  private async once(): Promise<void> {
    for (const id of this.released.keys()) if (!this.stopping.has(id)) this.released.delete(id);
    const results = await Promise.allSettled(due(this.stopping, this.running).map((id) => this.release(id)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  private async release(id: string): Promise<void> {
    const startedAt = this.stopping.get(id)?.startedAt ?? "";
    if (this.released.get(id) === startedAt) return;
    const isReleased = await this.port.release(id, startedAt);
    this.released.set(id, startedAt);
    if (isReleased) this.log.info("released: no nginx worker routes to it", { containerId: id });
  }
}
