import { Backoff, pause } from "../lib/pause";
import type { ContainerView } from "./model";

/** Receives how Docker shows a container (undefined: there is no such), and when it was asked. */
export type Publish = (containerId: string, view: ContainerView | undefined, askedAtMs: number) => void;

/**
 * Asks Docker about containers, beside the runs: Docker keeps a container that just ended locked for some 150 ms, and no other
 * one may wait for that.
 * INVARIANTS: a container is asked for at most once at a time; an answer to a question asked before the newest mark is not
 * published; a question that failed is asked again until there is an answer.
 */
export class Looker {
  private readonly looking = new Map<string, { again: boolean; done: Promise<void> }>();

  constructor(
    private readonly inspect: (containerId: string) => Promise<ContainerView | undefined>,
    private readonly publish: Publish,
    private readonly failed: (containerId: string, error: unknown) => void,
    private readonly signal: AbortSignal,
    private readonly now: () => number = Date.now,
  ) {}

  /** Marks a container; settles when an answer younger than this mark has been published. */
  look(containerId: string): Promise<void> {
    const under = this.looking.get(containerId);
    if (under !== undefined) {
      under.again = true;
      return under.done;
    }
    const entry = { again: false, done: Promise.resolve() };
    this.looking.set(containerId, entry);
    entry.done = this.until(containerId, entry).finally(() => this.looking.delete(containerId));
    return entry.done;
  }

  private async until(containerId: string, entry: { again: boolean }): Promise<void> {
    const backoff = new Backoff(100, 5_000);
    while (!this.signal.aborted) {
      entry.again = false;
      const askedAtMs = this.now();
      try {
        const view = await this.inspect(containerId);
        if (isMarkedAgain(entry)) continue;
        this.looking.delete(containerId);
        this.publish(containerId, view, askedAtMs);
        return;
      } catch (error) {
        this.failed(containerId, error);
        await pause(backoff.next(), this.signal);
      }
    }
  }
}

const isMarkedAgain = (entry: { again: boolean }): boolean => entry.again;
