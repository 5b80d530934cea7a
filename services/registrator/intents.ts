import { pause } from "../kit/pause";
import type { ContainerEvent } from "./docker-events";
import type { ContainerView, HeldIntent, Kill, StopIntent } from "./model";
import { meaningOf } from "./stopping";

/** So long an event of an earlier process's end may still be on its way to us, when no stamp tells. */
const ORDER_MS = 250;

interface Heard extends Kill {
  /** When it was first found to be unclear, on the monotonic clock. */
  unclearSinceMs?: number;
}

/** The clocks that intents need. */
export interface Clocks {
  /** Monotonic. */
  now(): number;
  /** The wall clock, as Docker stamps its events. */
  wall(): number;
}

/**
 * Who was asked to stop: heard from Docker's `kill` events, which no list shows, and remembered in Consul.
 * INVARIANTS: a `die` or `start` after a `kill` means that it was meant for an earlier process, whatever the stamps say, for Docker's events
 * come in order; an intent is held for the process that it was meant for alone.
 */
export class StopIntents {
  private readonly heard = new Map<string, Heard[]>();
  private readonly all = new Map<string, HeldIntent>();
  private inConsul = new Set<string>();
  private isSynced = false;

  /** @param lookAgain looks at a container once more, after a while */
  constructor(
    private readonly clocks: Clocks,
    private readonly lookAgain: (containerId: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  get held(): ReadonlyMap<string, HeldIntent> {
    return this.all;
  }

  /** Containers whose intent Consul has. */
  get stored(): ReadonlySet<string> {
    return this.inConsul;
  }

  /** Consul has been asked: nothing may be registered before. */
  get isKnown(): boolean {
    return this.isSynced;
  }

  hear({ containerId, action, signal, atMs }: ContainerEvent): void {
    if (action === "die" || action === "start") this.heard.delete(containerId);
    if (action !== "kill" || signal === undefined) return;
    const others = (this.heard.get(containerId) ?? []).filter((kill) => kill.signal !== signal);
    this.heard.set(containerId, [...others, { signal, atMs }]);
  }

  /** What Consul remembers. */
  sync(found: ReadonlyMap<string, StopIntent>): void {
    this.inConsul = new Set(found.keys());
    for (const [id, intent] of found) {
      if (!this.all.has(id)) this.all.set(id, { ...intent, sinceMs: this.clocks.now() });
    }
    this.isSynced = true;
  }

  /** Takes up what was heard, now that the container has been seen; true: it is asked to stop, and was not before. */
  take(containerId: string, view: ContainerView | undefined): boolean {
    const kills = this.heard.get(containerId) ?? [];
    this.heard.delete(containerId);
    if (view === undefined) return false;
    let isNew = false;
    for (const kill of kills) {
      if (this.means(containerId, kill, view) !== "stop") continue;
      if (this.all.get(containerId)?.startedAt === view.startedAt) continue;
      this.all.set(containerId, { startedAt: view.startedAt, atMs: kill.atMs, sinceMs: this.clocks.now() });
      this.inConsul.delete(containerId);
      isNew = true;
    }
    return isNew;
  }

  isStored(containerId: string): void {
    this.inConsul.add(containerId);
  }

  isCleared(containerId: string): void {
    this.all.delete(containerId);
    this.inConsul.delete(containerId);
  }

  private means(containerId: string, kill: Heard, view: ContainerView): "stop" | "none" | "unclear" {
    const meaning = meaningOf(kill, view, this.clocks.wall());
    if (meaning !== "unclear") return meaning;
    const sinceMs = kill.unclearSinceMs ?? this.clocks.now();
    const leftMs = ORDER_MS - (this.clocks.now() - sinceMs);
    if (leftMs <= 0) return "stop";
    this.heard.set(containerId, [...(this.heard.get(containerId) ?? []), { ...kill, unclearSinceMs: sinceMs }]);
    // A timer may fire a moment before this clock says so: whoever is still unclear then is looked at once more.
    void pause(Math.ceil(leftMs), this.signal).then(() => this.lookAgain(containerId));
    return "unclear";
  }
}
