import { reason, type Log } from "../kit/log";
import { workerLifeMs, type Generation } from "./generation";
import type { NginxPort } from "./nginx";
import { MOST_OLD_GENERATIONS, reloadWaitMs } from "./plan";
import type { ReloaderMetrics } from "./reloader-metrics";
import type { Retirement, Worker } from "./retirement";

/** A look at the older workers, while they hold up a reload. */
const LOOK_MS = 1_000;

/**
 * Says when nginx may be told to reload.
 * INVARIANT: nginx is not told while MOST_OLD_GENERATIONS older generations have workers, so that never more do.
 */
export class ReloadGate {
  private lookedAtMs = -Infinity;
  private isShut = false;
  /** The last reload. */
  last: { to: string; atMs: number; followed: boolean } | undefined;

  constructor(
    private readonly nginx: NginxPort,
    private readonly retirement: Retirement,
    private readonly metrics: ReloaderMetrics,
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  /** How long nginx must be left alone yet. While old workers are the reason, they are looked at again, now and then. */
  async waitMs(containers: string[], serving: string, current: Generation): Promise<number> {
    const wait = () => reloadWaitMs(this.last, this.oldGenerations(current), this.now());
    if (wait() > LOOK_MS && this.now() - this.lookedAtMs >= LOOK_MS) {
      this.lookedAtMs = this.now();
      try {
        this.retirement.recount(await this.nginx.workers(containers), serving);
      } catch (error) {
        this.log.error("docker top does not answer: older workers cannot be seen to end", { error: reason(error) });
        this.retirement.unseen(this.now());
      }
      this.metrics.oldWorkers.set(this.retirement.left);
    }
    const waitMs = wait();
    this.tell(waitMs === Infinity, current);
    return waitMs;
  }

  /** The last look before nginx is told: workers that another reloader, or a hand, has made old are seen here first. */
  isOpen(workers: Worker[] | undefined, serving: string, current: Generation): boolean {
    if (workers !== undefined) this.retirement.recount(workers, serving);
    const isShut = this.oldGenerations(current) >= MOST_OLD_GENERATIONS;
    this.tell(isShut, current);
    return !isShut;
  }

  private oldGenerations(current: Generation): number {
    const generations = this.retirement.generations(this.now(), workerLifeMs(current));
    this.metrics.oldGenerations.set(generations);
    return generations;
  }

  private tell(isShut: boolean, current: Generation): void {
    if (isShut && !this.isShut) {
      this.log.warn("no reload before the workers of an older generation have ended", {
        oldGenerations: this.oldGenerations(current),
        oldWorkers: this.retirement.left,
      });
    }
    this.isShut = isShut;
  }
}
