import { readFile, rename, writeFile } from "node:fs/promises";
import type Consul from "consul";
import { z } from "zod";
import { desiredKey, type Desired } from "../contract";
import { watchKey } from "../lib/consul-client";
import { reason, type Log } from "../lib/log";
import { Backoff, isOver, pause, Wake } from "../lib/pause";

const desired = z.object({
  generation: z.number().int().positive(),
  members: z.array(z.object({ name: z.string(), containerId: z.string() })),
});

const item = z.object({ Value: z.string().nullish() }).optional().catch(undefined);

/** undefined: none, or nothing that can be read as one. */
export function parseDesired(text: string | null | undefined): Desired | undefined {
  try {
    return desired.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

export interface DesiredPort {
  /** Calls at once, and after each change, until aborted; undefined: Consul has none. */
  watch(changed: (found: Desired | undefined) => void, signal: AbortSignal): void;
  /** Writes it unless there is one; false: there is. */
  create(value: Desired): Promise<boolean>;
}

export function desiredPort(consul: Consul, stack: string): DesiredPort {
  const key = desiredKey(stack);
  return {
    watch: (changed, signal) =>
      watchKey(consul, key, { wait: "2s" }, (found) => changed(parseDesired(item.parse(found)?.Value)), signal),
    create: (value) => consul.kv.set({ key, value: JSON.stringify(value), cas: 0 }),
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
 * Gives Consul back who is wanted, after its data was wiped.
 * INVARIANT: an older one never replaces a newer: generations only grow here, and Consul is written only where it has none.
 * The catalog has to be whole first: until then no configuration is taken (see `judge`), so nobody is lost in between.
 */
export class DesiredKeeper {
  private kept: Desired | undefined;
  private found: Desired | undefined;
  private lostAtMs: number | undefined;
  private readonly news = new Wake();

  constructor(
    private readonly port: DesiredPort,
    private readonly store: DesiredStore,
    private readonly guide: Guide,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    this.kept = await this.store.read();
    this.port.watch((found) => {
      this.found = found;
      this.lostAtMs = found === undefined ? (this.lostAtMs ?? this.now()) : undefined;
      this.news.up();
    }, signal);
    const backoff = new Backoff(100, 2_000);
    while (!isOver(signal)) {
      await this.news.wait(signal, this.lostAtMs === undefined ? undefined : LOOK_MS);
      try {
        await this.once();
        backoff.reset();
      } catch (error) {
        this.log.warn("consul is not given back who is wanted yet", { error: reason(error) });
        await pause(backoff.next(), signal);
      }
    }
  }

  private async once(): Promise<void> {
    const { found } = this;
    if (found !== undefined) {
      if (found.generation <= (this.kept?.generation ?? 0)) return;
      this.kept = found;
      await this.store.write(found);
      return;
    }
    if (this.lostAtMs === undefined) return;
    const { served, isCatalogBack } = this.guide;
    const value = (this.kept?.generation ?? 0) >= (served?.generation ?? 0) ? this.kept : served;
    if (value === undefined || served === undefined) return;
    if (!isCatalogBack && this.now() - this.lostAtMs < WAIT_FOR_CATALOG_MS) return;
    const isWritten = await this.port.create(value);
    this.lostAtMs = undefined;
    if (!isWritten) return;
    const { generation, members } = value;
    this.log.warn("consul had lost who is wanted: given back", {
      generation,
      members: members.map(({ name }) => name),
    });
  }
}
