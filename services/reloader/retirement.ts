/** One of nginx's processes that serve or have served requests. */
export interface Worker {
  pid: string;
  isShuttingDown: boolean;
}

/** How long there must be no worker that is shutting down before one who does not remember believes it. */
export const CLEAN_FOR_MS = 1_000;

interface Noted {
  /** The configuration that the worker serves. */
  generation: string;
  /** Which reload it was noted before: the workers that one reload makes old are one set, whatever they serve. */
  reload: number;
}

/**
 * Knows whether workers of an older configuration are left. Before each reload it takes note of the workers there are; with
 * no memory of the reload (another process did it, or nginx restarted) it believes two clean looks, a second apart.
 */
export class Retirement {
  /** By pid. */
  private readonly noted = new Map<string, Noted>();
  private reloads = 0;
  /** Workers of one set. */
  private setSize = 1;
  /** Reloads since Docker last showed the workers. */
  private unseenMs: number[] = [];
  private remembered: string | undefined;
  private cleanSinceMs: number | undefined;
  private settled: string | undefined;
  private settledWorkers: Worker[] = [];
  /** Older workers at the last look. */
  left = 0;
  private seenGenerations = 0;

  /**
   * Older generations that have workers: one for each reload that left some behind, even if the same configuration was served again since.
   * @param lifeMs how long a worker may live: of those that Docker does not show
   */
  generations(nowMs: number, lifeMs: number): number {
    return this.seenGenerations + this.unseenMs.filter((atMs) => nowMs - atMs < lifeMs).length;
  }

  /** Before nginx is told to leave `serving` behind. undefined: Docker does not show the workers. */
  note(workers: Worker[] | undefined, serving: string, nowMs: number): void {
    this.reloads += 1;
    this.settled = undefined;
    if (workers === undefined) {
      this.unseen(nowMs);
      this.unseenMs.push(nowMs);
      return;
    }
    const running = workers.filter(({ isShuttingDown }) => !isShuttingDown);
    this.resize(running);
    for (const { pid } of running) {
      if (!this.noted.has(pid)) this.noted.set(pid, { generation: serving, reload: this.reloads });
    }
    // All of them are old from now on.
    this.count(workers);
  }

  /** Docker does not show the workers any more: those that were seen last live on, as far as anybody knows. */
  unseen(nowMs: number): void {
    this.unseenMs.push(...Array<number>(this.seenGenerations).fill(nowMs));
    this.seenGenerations = 0;
  }

  /** Takes a look without a judgement, while another reload has to wait. */
  recount(workers: Worker[], serving: string): void {
    this.see(workers, serving);
  }

  /** @returns the older ones */
  private see(workers: Worker[], serving: string): Worker[] {
    this.forget(workers);
    const isOld = this.isOld(serving);
    this.resize(workers.filter((worker) => !isOld(worker)));
    const old = workers.filter(isOld);
    this.count(old);
    return old;
  }

  private resize(set: Worker[]): void {
    if (set.length > 0) this.setSize = set.length;
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
      isShuttingDown || (this.noted.get(pid)?.generation ?? serving) !== serving;

  private count(old: Worker[]): void {
    this.left = old.length;
    const reloads = old.map(({ pid }) => this.noted.get(pid)?.reload);
    const strangers = reloads.filter((reload) => reload === undefined).length;
    const known = new Set(reloads.filter((reload) => reload !== undefined)).size;
    // Of those that somebody else made old only their number is known, which is what the memory limit is about.
    this.seenGenerations = known + Math.ceil(strangers / this.setSize);
    this.unseenMs = [];
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
    const old = this.see(workers, serving);
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
