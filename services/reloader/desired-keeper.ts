import { readFile, rename, writeFile } from "node:fs/promises";
import type Consul from "consul";
import { z } from "zod";
import { desiredKey, type Desired } from "../../contract/consul-kv";
import { monotonicMs } from "../kit/clock";
import { watchKey } from "../kit/consul-client";
import { parseDesired } from "../kit/consul-values";
import { reason, type Log } from "../kit/log";
import { Backoff, isOver, pause, Wake } from "../kit/pause";

/** What Consul has under the key. */
export interface Found {
  /** undefined: nothing, or nothing that can be read as one. */
  value: Desired | undefined;
  /** Consul's index of it; 0: the key is not there. */
  index: number;
}

export interface DesiredPort {
  /** Calls at once, and after each change, until aborted. */
  watch(changed: (found: Found) => void, signal: AbortSignal): void;
  /** Writes it where Consul has what was found, and nothing newer; false: there is something else. */
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

/** Where the last `desired` is kept: beside the last good configuration, which was rendered from it. */
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

/** What the keeper asks of the reloader. */
export interface Guide {
  /** Who was wanted, as far as the running configuration tells; undefined: it was rendered without saying. */
  readonly served: Desired | undefined;
  /** Consul's catalog has everybody again who is served. */
  readonly isCatalogBack: boolean;
}

/** A catalog that is not whole again after so long has lost somebody for good. */
export const WAIT_FOR_CATALOG_MS = 15_000;
const LOOK_MS = 100;

/**
 * Gives Consul back who is wanted, after its data was wiped, or overwritten with what nobody can read.
 * INVARIANT: an older one never replaces a newer: generations only grow here, and Consul is written only where it has none that can be read.
 * The catalog has to be whole first: until then no configuration is taken (see `judge`), so nobody is lost in between.
 */
export class DesiredKeeper {
  private kept: Desired | undefined;
  /** The volume has it, too; it may have been full. */
  private isStored = true;
  private found: Found = { value: undefined, index: 0 };
  private lostAtMs: number | undefined;
  private readonly news = new Wake();

  constructor(
    private readonly port: DesiredPort,
    private readonly store: DesiredStore,
    private readonly guide: Guide,
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
        this.log.warn("who is wanted is not kept, or given back to consul, yet", { error: reason(error) });
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
    const { served, isCatalogBack } = this.guide;
    const value = (this.kept?.generation ?? 0) >= (served?.generation ?? 0) ? this.kept : served;
    if (value === undefined || served === undefined) return;
    if (!isCatalogBack && this.now() - this.lostAtMs < WAIT_FOR_CATALOG_MS) return;
    const isWritten = await this.port.write(value, found);
    // The watch tells what is there now.
    this.lostAtMs = undefined;
    if (!isWritten) return;
    const { generation, members } = value;
    this.log.warn("consul had lost who is wanted: given back", {
      generation,
      members: members.map(({ name }) => name),
    });
  }
}
