import type Consul from "consul";
import { appliedKey, type Applied } from "../../contract/consul-kv";
import { parseApplied } from "../kit/consul-values";
import { reason, type Log } from "../kit/log";
import { Backoff, pause, Wake } from "../kit/pause";
import { sameApplied } from "./plan";

/** The one key that the reloader writes. */
export interface AppliedPort {
  /** undefined: there is none, or nothing that can be read as one; it is written anew. */
  get(): Promise<Applied | undefined>;
  set(applied: Applied): Promise<void>;
}

export function appliedPort(consul: Consul, stack: string): AppliedPort {
  const key = appliedKey(stack);
  return {
    async get() {
      const item = await consul.kv.get(key);
      return parseApplied(item?.Value);
    },
    async set(applied) {
      await consul.kv.set(key, JSON.stringify(applied));
    },
  };
}

/** How often the key is compared with what is true: Consul may have been wiped. */
const COMPARE_MS = 1_000;

/** Keeps the key true, beside the reloads: Consul's absence delays only the telling. */
export class Publisher {
  private wanted: Applied | undefined;
  private isNew = false;
  private readonly news = new Wake();

  constructor(
    private readonly port: AppliedPort,
    private readonly log: Log,
  ) {}

  publish(applied: Omit<Applied, "at">): void {
    if (sameApplied(applied, this.wanted)) return;
    this.wanted = { ...applied, at: new Date().toISOString() };
    this.isNew = true;
    this.news.up();
  }

  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    while (!signal.aborted) {
      try {
        await this.once();
        backoff.reset();
        await this.news.wait(signal, COMPARE_MS);
      } catch (error) {
        this.log.warn("consul does not take what nginx runs", { error: reason(error) });
        await pause(backoff.next(), signal);
      }
    }
  }

  private async once(): Promise<void> {
    const wanted = this.wanted;
    if (wanted === undefined) return;
    if (!this.isNew && sameApplied(await this.port.get(), wanted)) return;
    this.isNew = false;
    try {
      await this.port.set(wanted);
    } catch (error) {
      this.isNew = true;
      throw error;
    }
    const { members, ...rest } = wanted;
    this.log.info("applied", { ...rest, members: members.map(({ name }) => name) });
  }
}
