/** A worker process of nginx. */
export interface Worker {
  pid: string;
  isShuttingDown: boolean;
}

/** Grace period: without a record of the last reload, no worker may be shutting down for this long before the rest counts as current. */
export const CLEAN_FOR_MS = 1_000;

interface Noted {
  /** The configuration that the worker serves. */
  generation: string;
  /** The reload before which it was recorded: the workers that one reload makes old are one set, whatever they serve. */
  reload: number;
}

/**
 * Tracks whether workers of an older configuration are left. It records the workers before each reload. Without a record (another
 * process reloaded nginx, or nginx restarted) it requires two counts without old workers, a second apart.
 */
export class Retirement {
  /** By pid. */
  private readonly noted = new Map<string, Noted>();
  private reloads = 0;
  /** Workers of one set. */
  private setSize = 1;
  /** When nginx was reloaded, for each reload since Docker last listed the workers. */
  private unseenMs: number[] = [];
  private remembered: string | undefined;
  private cleanSinceMs: number | undefined;
  private settled: string | undefined;
  private settledWorkers: Worker[] = [];
  /** Older workers, when last counted. */
  left = 0;
  private seenGenerations = 0;

  /**
   * Older generations that have workers: one for each reload that left some behind, even if the same configuration was served again since.
   * @param lifeMs how long a worker may live, for those that Docker does not list
   */
  generations(nowMs: number, lifeMs: number): number {
    return this.seenGenerations + this.unseenMs.filter((atMs) => nowMs - atMs < lifeMs).length;
  }

  /** Records the workers before a reload that replaces `serving`. undefined: Docker cannot list them. */
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

  /** Docker cannot list the workers any more: the older ones counted last are assumed to live on. */
  unseen(nowMs: number): void {
    this.unseenMs.push(...Array<number>(this.seenGenerations).fill(nowMs));
    this.seenGenerations = 0;
  }

  /** Only counts the older workers, while a reload has to wait for them. */
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
    const unattributed = reloads.filter((reload) => reload === undefined).length;
    const known = new Set(reloads.filter((reload) => reload !== undefined)).size;
    // Old workers of reloads that were not recorded are counted in units of one set, which is what the memory limit is sized for.
    this.seenGenerations = known + Math.ceil(unattributed / this.setSize);
    this.unseenMs = [];
  }

  /** nginx serves this generation now, and every older worker has been recorded. */
  followed(generation: string): void {
    this.remembered = generation;
    this.cleanSinceMs = undefined;
  }

  /** Whether this generation is known to be retired, so that no further check is needed. */
  isSettled(serving: string): boolean {
    return this.settled === serving;
  }

  /**
   * The last known workers of a settled generation; undefined: they must be listed. A worker that nginx has started since, for one that
   * crashed, is missing here; after the reload it is recognised because it is shutting down.
   */
  known(): Worker[] | undefined {
    return this.settled === undefined ? undefined : this.settledWorkers;
  }

  /** Evaluates a list of workers; true when no older one is left. */
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
