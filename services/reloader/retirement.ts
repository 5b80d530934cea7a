/** One of nginx's processes that serve or have served requests. */
export interface Worker {
  pid: string;
  isShuttingDown: boolean;
}

/** How long there must be no worker that is shutting down before one who does not remember believes it. */
export const CLEAN_FOR_MS = 1_000;

/**
 * Knows whether workers of an older configuration are left. Before each reload it takes note of the workers there are; with
 * no memory of the reload (another process did it, or nginx restarted) it believes two clean looks, a second apart.
 */
export class Retirement {
  /** By pid: the generation that the worker serves. */
  private readonly noted = new Map<string, string>();
  private remembered: string | undefined;
  private cleanSinceMs: number | undefined;
  private settled: string | undefined;
  private settledWorkers: Worker[] = [];
  /** Older workers at the last look. */
  left = 0;
  /** Older generations at the last look that are known by name. */
  generations = 0;

  /** Before nginx is told to leave `serving` behind. */
  note(workers: Worker[], serving: string): void {
    for (const { pid, isShuttingDown } of workers) {
      if (!isShuttingDown && !this.noted.has(pid)) this.noted.set(pid, serving);
    }
    this.settled = undefined;
    // All of them are old from now on.
    this.count(workers);
  }

  /** Takes a look without a judgement, while another reload has to wait. */
  recount(workers: Worker[], serving: string): void {
    this.forget(workers);
    this.count(workers.filter(this.isOld(serving)));
  }

  private forget(workers: Worker[]): void {
    const present = new Set(workers.map(({ pid }) => pid));
    for (const pid of this.noted.keys()) {
      if (!present.has(pid)) this.noted.delete(pid);
    }
  }

  private isOld =
    (serving: string) =>
    ({ pid, isShuttingDown }: Worker): boolean =>
      isShuttingDown || (this.noted.get(pid) ?? serving) !== serving;

  private count(old: Worker[]): void {
    this.left = old.length;
    this.generations = new Set(old.map(({ pid }) => this.noted.get(pid) ?? "unknown")).size;
  }

  /** nginx serves this now, and every worker that was there before has been noted. */
  followed(generation: string): void {
    this.remembered = generation;
    this.cleanSinceMs = undefined;
  }

  /** Whether a look is still needed. */
  isSettled(serving: string): boolean {
    return this.settled === serving;
  }

  /**
   * The workers of what is settled, as last seen; undefined: a look is needed. One that nginx has started since in place of one
   * that crashed is missed here, and seen to be shutting down after the reload.
   */
  known(): Worker[] | undefined {
    return this.settled === undefined ? undefined : this.settledWorkers;
  }

  /** Takes a look; true when no older worker is left. */
  look(workers: Worker[], serving: string, nowMs: number): boolean {
    this.forget(workers);
    const old = workers.filter(this.isOld(serving));
    this.count(old);
    if (old.length > 0) {
      this.cleanSinceMs = undefined;
      return false;
    }
    this.cleanSinceMs ??= nowMs;
    const isClean = this.remembered === serving || nowMs - this.cleanSinceMs >= CLEAN_FOR_MS;
    if (isClean) {
      this.settled = serving;
      this.settledWorkers = workers;
    }
    return isClean;
  }
}
