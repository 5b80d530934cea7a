import { readFile, rename, writeFile } from "node:fs/promises";
import type Consul from "consul";
import { z } from "zod";
import { desiredKey, type Desired } from "../../contract/consul-kv";
import { monotonicMs } from "../kit/clock";
import { watchKey } from "../kit/consul-client";
import { parseDesired } from "../kit/consul-values";
import { reason, type Log } from "../kit/log";
import { Backoff, isOver, pause, Wake } from "../kit/pause";

/** The key's content in Consul. */
export interface Found {
  /** undefined: missing or unreadable. */
  value: Desired | undefined;
  /** Consul's ModifyIndex; 0: the key does not exist. */
  index: number;
}

export interface DesiredPort {
  /** Calls `changed` at once and after each change, until aborted. */
  watch(changed: (found: Found) => void, signal: AbortSignal): void;
  /** Writes the value only if the key has not changed since `over` was read (check-and-set); false: it has. */
  write(value: Desired, over: Found): Promise<boolean>;
}

const item = z.object({ Value: z.string().nullish(), ModifyIndex: z.number() });

export function desiredPort(consul: Consul, stack: string): DesiredPort {
  const key = desiredKey(stack);
  const found = (answer: unknown): Found => {
    const { data } = item.safeParse(answer);
    return { value: parseDesired(data?.Value), index: data?.ModifyIndex ?? 0 };
  };
  return {
    watch: (changed, signal) => watchKey(consul, key, { wait: "2s" }, (answer) => changed(found(answer)), signal),
    write: (value, { index }) => consul.kv.set({ key, value: JSON.stringify(value), cas: index }),
  };
}

/** Keeps a copy of the newest desired set, beside the last good configuration, which was rendered from it. */
export interface DesiredStore {
  read(): Promise<Desired | undefined>;
  write(value: Desired): Promise<void>;
}

export const desiredStore = (path: string): DesiredStore => ({
  read: async () => parseDesired(await readFile(path, "utf8").catch(() => undefined)),
  async write(value) {
    await writeFile(`${path}.new`, JSON.stringify(value));
    await rename(`${path}.new`, path);
  },
});

/** What the keeper needs to know from the reloader. */
export interface ReloaderState {
  /** The desired set as the current configuration has it; undefined: it was rendered without one. */
  readonly served: Desired | undefined;
  /** Whether all served replicas are in Consul's catalog again. */
  readonly isCatalogBack: boolean;
}

/** When the catalog is still incomplete after this time, a replica is gone for good: do not wait for it any longer. */
export const WAIT_FOR_CATALOG_MS = 15_000;
const LOOK_MS = 100;

/**
 * Restores the desired set in Consul after Consul was wiped, or the key was overwritten with an unreadable value.
 * INVARIANT: an older set never replaces a newer one: the copy's generation only grows, and Consul is written only while it has no
 * readable set. The catalog must be complete first: until then no configuration is accepted (see `judge`), so no replica is dropped.
 */
export class DesiredKeeper {
  private kept: Desired | undefined;
  /** Whether the volume has the copy, too; false after a failed write (a full volume). */
  private isStored = true;
  private found: Found = { value: undefined, index: 0 };
  private lostAtMs: number | undefined;
  private readonly news = new Wake();

  constructor(
    private readonly port: DesiredPort,
    private readonly store: DesiredStore,
    private readonly reloader: ReloaderState,
    private readonly log: Log,
    private readonly now: () => number = monotonicMs,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    this.kept = await this.store.read();
    this.port.watch((found) => {
      this.found = found;
      this.lostAtMs = found.value === undefined ? (this.lostAtMs ?? this.now()) : undefined;
      this.news.up();
    }, signal);
    const backoff = new Backoff(100, 2_000);
    while (!isOver(signal)) {
      await this.news.wait(signal, this.lostAtMs === undefined ? undefined : LOOK_MS);
      try {
        await this.once();
        backoff.reset();
      } catch (error) {
        this.log.warn("cannot store or restore the desired set yet; retrying", { error: reason(error) });
        await pause(backoff.next(), signal);
        this.news.up();
      }
    }
  }

  private async once(): Promise<void> {
    const { found } = this;
    if (found.value !== undefined) {
      if (found.value.generation > (this.kept?.generation ?? 0)) {
        this.kept = found.value;
        this.isStored = false;
      }
      if (this.kept !== undefined && !this.isStored) await this.store.write(this.kept);
      this.isStored = true;
      return;
    }
    if (this.lostAtMs === undefined) return;
    const { served, isCatalogBack } = this.reloader;
    const value = (this.kept?.generation ?? 0) >= (served?.generation ?? 0) ? this.kept : served;
    if (value === undefined || served === undefined) return;
    if (!isCatalogBack && this.now() - this.lostAtMs < WAIT_FOR_CATALOG_MS) return;
    const isWritten = await this.port.write(value, found);
    // The watch reports the key's present content.
    this.lostAtMs = undefined;
    if (!isWritten) return;
    const { generation, members } = value;
    this.log.warn("consul had lost the desired set: restored it", {
      generation,
      members: members.map(({ name }) => name),
    });
  }
}
