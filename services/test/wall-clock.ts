/** Lets a test step this process's wall clock; the monotonic clock is not affected. */
export class WallClock implements Disposable {
  private readonly real = Date;
  private offsetMs = 0;

  constructor() {
    const now = () => this.real.now() + this.offsetMs;
    globalThis.Date = class extends this.real {
      constructor(...args: [] | [number | string | Date]) {
        super(args.length === 0 ? now() : args[0]);
      }
      static override now(): number {
        return now();
      }
    } as DateConstructor;
  }

  step(ms: number): void {
    this.offsetMs += ms;
  }

  [Symbol.dispose](): void {
    globalThis.Date = this.real;
  }
}

export const HOUR_MS = 3_600_000;
