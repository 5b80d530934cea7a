import { pause } from "../kit/pause";
import type { ContainerEvent } from "./docker-events";
import type { ContainerView, HeldIntent, Kill, StopIntent } from "./model";
import { classifyKill } from "./stopping";

/** How long to wait for a `die` or `start` event when timestamps cannot tell which process a signal was meant for. */
const ORDER_MS = 250;

interface PendingKill extends Kill {
  /** Since when its meaning is unclear, on the monotonic clock. */
  unclearSinceMs?: number;
}

/** The clocks that intents need. */
export interface Clocks {
  /** Monotonic. */
  now(): number;
  /** The wall clock, which Docker's timestamps use. */
  wall(): number;
}

/**
 * Which containers were asked to stop: learned from Docker's `kill` events, which appear in no list, and stored in Consul.
 * INVARIANTS: a `die` or `start` after a `kill` means that the signal was for an earlier process, whatever the timestamps say, because
 * Docker's events come in order; an intent applies only to the process that the signal was for.
 */
export class StopIntents {
  private readonly pending = new Map<string, PendingKill[]>();
  private readonly all = new Map<string, HeldIntent>();
  private inConsul = new Set<string>();
  private isSynced = false;

  /** @param inspectAgain requests another inspection of a container */
  constructor(
    private readonly clocks: Clocks,
    private readonly inspectAgain: (containerId: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  get held(): ReadonlyMap<string, HeldIntent> {
    return this.all;
  }

  /** Containers whose intent is stored in Consul. */
  get stored(): ReadonlySet<string> {
    return this.inConsul;
  }

  /** Whether the intents have been read from Consul: nothing may be registered before. */
  get isKnown(): boolean {
    return this.isSynced;
  }

  record({ containerId, action, signal, atMs }: ContainerEvent): void {
    if (action === "die" || action === "start") this.pending.delete(containerId);
    if (action !== "kill" || signal === undefined) return;
    const others = (this.pending.get(containerId) ?? []).filter((kill) => kill.signal !== signal);
    this.pending.set(containerId, [...others, { signal, atMs }]);
  }

  /** Takes over the intents stored in Consul. */
  sync(found: ReadonlyMap<string, StopIntent>): void {
    this.inConsul = new Set(found.keys());
    for (const [id, intent] of found) {
      if (!this.all.has(id)) this.all.set(id, { ...intent, sinceMs: this.clocks.now() });
    }
    this.isSynced = true;
  }

  /** Evaluates the recorded signals against the container's state; true when that adds a stop intent. */
  take(containerId: string, view: ContainerView | undefined): boolean {
    const kills = this.pending.get(containerId) ?? [];
    this.pending.delete(containerId);
    if (view === undefined) return false;
    let isNew = false;
    for (const kill of kills) {
      if (this.classify(containerId, kill, view) !== "stop") continue;
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

  private classify(containerId: string, kill: PendingKill, view: ContainerView): "stop" | "none" | "unclear" {
    const meaning = classifyKill(kill, view, this.clocks.wall());
    if (meaning !== "unclear") return meaning;
    const sinceMs = kill.unclearSinceMs ?? this.clocks.now();
    const leftMs = ORDER_MS - (this.clocks.now() - sinceMs);
    if (leftMs <= 0) return "stop";
    this.pending.set(containerId, [...(this.pending.get(containerId) ?? []), { ...kill, unclearSinceMs: sinceMs }]);
    // A timer may fire slightly early by this clock: a signal that is still unclear then causes one more inspection.
    void pause(Math.ceil(leftMs), this.signal).then(() => this.inspectAgain(containerId));
    return "unclear";
  }
}
