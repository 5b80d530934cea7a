import type Consul from "consul";
import { appliedKey, type Applied } from "../../contract/consul-kv";
import { parseApplied } from "../kit/consul-values";
import { reason, type Log } from "../kit/log";
import { Backoff, pause, Wake } from "../kit/pause";
import { sameApplied } from "./plan";

/** The `applied` key in Consul. */
export interface AppliedPort {
  /** undefined: missing or unreadable; it is then written again. */
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

/** How often the key in Consul is verified: it may have been wiped. */
const COMPARE_MS = 1_000;

/** Keeps the key up to date, independently of the reloads: an outage of Consul delays only the report. */
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
        this.log.warn("cannot report to consul what nginx runs; retrying", { error: reason(error) });
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
