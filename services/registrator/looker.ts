import { wallMs } from "../kit/clock";
import { Backoff, pause } from "../kit/pause";
import { within } from "../kit/within";
import type { ContainerView } from "./model";

/** Receives how Docker shows a container (undefined: there is no such), and when it was asked, by the wall clock. */
export type Publish = (containerId: string, view: ContainerView | undefined, askedAtMs: number) => void;

interface Look {
  again: boolean;
  /** Somebody has waited for it in vain. */
  isLate: boolean;
  done: Promise<void>;
}

/**
 * Asks Docker about containers, beside the runs: Docker keeps a container that just ended locked for some 150 ms, and no other
 * one may wait for that.
 * INVARIANTS: a container is asked for at most once at a time; an answer to a question asked before the newest mark is not
 * published; a question that failed is asked again until there is an answer.
 */
export class Looker {
  private readonly looking = new Map<string, Look>();

  constructor(
    private readonly inspect: (containerId: string) => Promise<ContainerView | undefined>,
    private readonly publish: Publish,
    private readonly failed: (containerId: string, error: unknown) => void,
    private readonly signal: AbortSignal,
    private readonly wall: () => number = wallMs,
  ) {}

  /** Marks a container; settles when an answer younger than this mark has been published. */
  look(containerId: string): Promise<void> {
    const under = this.looking.get(containerId);
    if (under !== undefined) {
      under.again = true;
      return under.done;
    }
    const entry: Look = { again: false, isLate: false, done: Promise.resolve() };
    this.looking.set(containerId, entry);
    entry.done = this.until(containerId, entry).finally(() => this.forget(containerId, entry));
    return entry.done;
  }

  /**
   * The same for one who cannot wait for long: false when there was no answer in time. The look goes on, and until it has an answer
   * nobody waits for it again.
   */
  async lookWithin(containerId: string, limitMs: number): Promise<boolean> {
    // Not marked either: it would never come to an answer that takes longer than the time between two marks.
    if (this.isLate(containerId)) return false;
    const done = this.look(containerId);
    const entry = this.looking.get(containerId);
    try {
      await within(limitMs, containerId, done);
      return true;
    } catch {
      if (entry !== undefined) entry.isLate = true;
      return false;
    }
  }

  /** Somebody has waited for an answer about it in vain, and there is none yet. */
  isLate(containerId: string): boolean {
    return this.looking.get(containerId)?.isLate ?? false;
  }

  private async until(containerId: string, entry: Look): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    while (!this.signal.aborted) {
      entry.again = false;
      const askedAtMs = this.wall();
      try {
        const view = await this.inspect(containerId);
        if (isMarkedAgain(entry)) continue;
        this.forget(containerId, entry);
        this.publish(containerId, view, askedAtMs);
        return;
      } catch (error) {
        this.failed(containerId, error);
        await pause(backoff.next(), this.signal);
      }
    }
  }

  /** A look that was begun since is another one. */
  private forget(containerId: string, entry: Look): void {
    if (this.looking.get(containerId) === entry) this.looking.delete(containerId);
  }
}

const isMarkedAgain = (entry: Look): boolean => entry.again;
