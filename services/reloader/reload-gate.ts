import { reason, type Log } from "../kit/log";
import { workerLifeMs, type Generation } from "./generation";
import type { NginxPort } from "./nginx";
import { MOST_OLD_GENERATIONS, reloadWaitMs } from "./plan";
import type { ReloaderMetrics } from "./reloader-metrics";
import type { Retirement, Worker } from "./retirement";

/** Interval of checking the older workers while they delay a reload. */
const LOOK_MS = 1_000;

/**
 * Decides when nginx may be reloaded.
 * INVARIANT: no reload while MOST_OLD_GENERATIONS older generations have workers, so there are never more.
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

  /** How long to wait before the next reload. While older workers are the reason, they are counted again from time to time. */
  async waitMs(containers: string[], serving: string, current: Generation): Promise<number> {
    const wait = () => reloadWaitMs(this.last, this.oldGenerations(current), this.now());
    if (wait() > LOOK_MS && this.now() - this.lookedAtMs >= LOOK_MS) {
      this.lookedAtMs = this.now();
      try {
        this.retirement.recount(await this.nginx.workers(containers), serving);
      } catch (error) {
        this.log.error("docker top does not answer: cannot tell whether older workers have exited", {
          error: reason(error),
        });
        this.retirement.unseen(this.now());
      }
      this.metrics.oldWorkers.set(this.retirement.left);
    }
    const waitMs = wait();
    this.logShut(waitMs === Infinity, current);
    return waitMs;
  }

  /** The last check before a reload. It may be the first to find older workers that another reloader or a manual HUP has left. */
  isOpen(workers: Worker[] | undefined, serving: string, current: Generation): boolean {
    if (workers !== undefined) this.retirement.recount(workers, serving);
    const isShut = this.oldGenerations(current) >= MOST_OLD_GENERATIONS;
    this.logShut(isShut, current);
    return !isShut;
  }

  private oldGenerations(current: Generation): number {
    const generations = this.retirement.generations(this.now(), workerLifeMs(current));
    this.metrics.oldGenerations.set(generations);
    return generations;
  }

  private logShut(isShut: boolean, current: Generation): void {
    if (isShut && !this.isShut) {
      this.log.warn("no reload until the workers of an older generation have exited", {
        oldGenerations: this.oldGenerations(current),
        oldWorkers: this.retirement.left,
      });
    }
    this.isShut = isShut;
  }
}
