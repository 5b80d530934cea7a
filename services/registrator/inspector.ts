import { wallMs } from "../kit/clock";
import { Backoff, pause } from "../kit/pause";
import { within } from "../kit/within";
import type { ContainerView } from "./model";

/** Receives a container's state (undefined: it does not exist), and the wall-clock time at which Docker was asked. */
export type Publish = (containerId: string, view: ContainerView | undefined, askedAtMs: number) => void;

interface Refresh {
  isRequestedAgain: boolean;
  /** A caller of `refreshWithin` timed out on it. */
  isOverdue: boolean;
  done: Promise<void>;
}

/**
 * Inspects containers in the background: Docker keeps a container that has just ended locked for some 150 ms, which must not
 * delay the others.
 * INVARIANTS: at most one inspection per container at a time; a result is not published when another refresh was requested after its
 * inspection began; a failed inspection is retried until it succeeds.
 */
export class Inspector {
  private readonly pending = new Map<string, Refresh>();

  constructor(
    private readonly inspect: (containerId: string) => Promise<ContainerView | undefined>,
    private readonly publish: Publish,
    private readonly failed: (containerId: string, error: unknown) => void,
    private readonly signal: AbortSignal,
    private readonly wall: () => number = wallMs,
  ) {}

  /** Requests an inspection; settles when the result of one that began after this call has been published. */
  refresh(containerId: string): Promise<void> {
    const running = this.pending.get(containerId);
    if (running !== undefined) {
      running.isRequestedAgain = true;
      return running.done;
    }
    const entry: Refresh = { isRequestedAgain: false, isOverdue: false, done: Promise.resolve() };
    this.pending.set(containerId, entry);
    entry.done = this.until(containerId, entry).finally(() => this.forget(containerId, entry));
    return entry.done;
  }

  /**
   * Like `refresh`, with a timeout: false when there was no result in time. The inspection continues, and until it succeeds later calls
   * return false at once.
   */
  async refreshWithin(containerId: string, limitMs: number): Promise<boolean> {
    // No new request either: an inspection that takes longer than the interval between requests would never be published.
    if (this.isOverdue(containerId)) return false;
    const done = this.refresh(containerId);
    const entry = this.pending.get(containerId);
    try {
      await within(limitMs, containerId, done);
      return true;
    } catch {
      if (entry !== undefined) entry.isOverdue = true;
      return false;
    }
  }

  /** Whether a caller timed out on its inspection, which is still pending. */
  isOverdue(containerId: string): boolean {
    return this.pending.get(containerId)?.isOverdue ?? false;
  }

  private async until(containerId: string, entry: Refresh): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    while (!this.signal.aborted) {
      entry.isRequestedAgain = false;
      const askedAtMs = this.wall();
      try {
        const view = await this.inspect(containerId);
        if (isRequestedAgain(entry)) continue;
        this.forget(containerId, entry);
        this.publish(containerId, view, askedAtMs);
        return;
      } catch (error) {
        this.failed(containerId, error);
        await pause(backoff.next(), this.signal);
      }
    }
  }

  /** Does not remove a refresh that was started since. */
  private forget(containerId: string, entry: Refresh): void {
    if (this.pending.get(containerId) === entry) this.pending.delete(containerId);
  }
}

const isRequestedAgain = (entry: Refresh): boolean => entry.isRequestedAgain;
