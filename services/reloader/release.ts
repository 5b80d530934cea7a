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

/** The containers that were asked to stop, by id. */
export type StoppingContainers = ReadonlyMap<string, Stopping>;

export interface StoppingPort {
  /** Calls at once, and after each change, until aborted. Consul's absence delays the calls, no more. */
  watch(changed: (stopping: StoppingContainers) => void, signal: AbortSignal): void;
}

/** registrator's stop intents, by blocking queries. */
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

/** A value that is no intent counts for nothing. undefined: this is no answer to who is stopping. */
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
  /** Tells the process that started then; false: there is none any more, or it does not want to be told. */
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
        // Docker notes a signal as a stop by hand: this container is being stopped by hand.
        await container.kill({ signal });
        return true;
      } catch (error) {
        if (isNotRunning(error)) return false;
        throw error;
      }
    },
  };
}

/** What nginx runs, and whether a newer configuration is on its way to it. */
export type Running = Omit<Applied, "at">;

/** The stopping containers to which no worker of nginx can send a request any more. */
export function due(stoppingNow: StoppingContainers, running: Running | undefined): string[] {
  if (running?.retired !== true) return [];
  const routed = new Set(running.members.map(({ containerId }) => containerId));
  return [...stoppingNow.keys()].filter((id) => !routed.has(id));
}

/**
 * Tells a stopping replica when nginx has let go of it, so that it need not wait to see for itself.
 * INVARIANT: a container is told once, only while it is being stopped, and only while nginx runs, retired, the newest
 * configuration, which lacks it. One that was not told takes longer, no more.
 */
export class Releaser {
  private stopping: StoppingContainers = new Map();
  private running: Running | undefined;
  /** By container id: which of its processes was told. */
  private readonly told = new Map<string, string>();
  private readonly news = new Wake();

  constructor(
    private readonly intents: StoppingPort,
    private readonly port: ReleasePort,
    private readonly log: Log,
  ) {}

  /** undefined: another configuration is on its way. */
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
        this.log.warn("a replica that stops cannot be told; it waits for itself", { error: reason(error) });
        await pause(backoff.next(), signal);
        this.news.up();
      }
    }
  }

  private async once(): Promise<void> {
    for (const id of this.told.keys()) if (!this.stopping.has(id)) this.told.delete(id);
    const results = await Promise.allSettled(due(this.stopping, this.running).map((id) => this.tell(id)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  private async tell(id: string): Promise<void> {
    const startedAt = this.stopping.get(id)?.startedAt ?? "";
    if (this.told.get(id) === startedAt) return;
    const isTold = await this.port.release(id, startedAt);
    this.told.set(id, startedAt);
    if (isTold) this.log.info("released: nginx has let go of it", { containerId: id });
  }
}
