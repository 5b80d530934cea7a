/** Waits, or returns at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}

/** Retry delays that double from `firstMs` to `mostMs`; `reset` after a success. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {}

  next(): number {
    const delay = Math.min(this.mostMs, this.firstMs * 2 ** this.failures);
    this.failures += 1;
    return delay;
  }

  reset(): void {
    this.failures = 0;
  }
}

/** A flag to wait for. Raised while nobody waits, it is remembered; raised twice, it counts once. */
export class Wake {
  private isUp = false;
  private waiting: (() => void) | undefined;

  up(): void {
    this.isUp = true;
    this.waiting?.();
  }

  /** Returns when the flag is up (and lowers it), after `limitMs`, or when the signal is aborted. */
  async wait(signal: AbortSignal, limitMs?: number): Promise<void> {
    if (!this.isUp && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          this.waiting = undefined;
          resolve();
        };
        const timer = limitMs === undefined ? undefined : setTimeout(done, limitMs);
        this.waiting = done;
        signal.addEventListener("abort", done);
      });
    }
    this.isUp = false;
  }
}

/** A function, because the type checker treats `aborted` as unchanged across an await. */
export const isOver = (signal: AbortSignal): boolean => signal.aborted;
