/**
 * A bounded load of constant rate on a site at 127.0.0.1: requests start on time, whatever became of those before, while no more than so
 * many are open.
 */
import { performance } from "node:perf_hooks";
import type { Site } from "../../lab/driver/site";

const MOST_AT_ONCE = 64;

export class Load implements AsyncDisposable {
  sent = 0;
  /** No answer within the site's 30 s: a machine with other work is slow, and nothing was lost. */
  late = 0;
  /** What was no page, by what it was. */
  readonly errors: string[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly open = new Set<Promise<void>>();

  constructor(
    site: Site,
    path: string,
    perSecond: number,
    /** No more than this, even if nobody ends it. */
    most: number,
  ) {
    const start = performance.now();
    this.timer = setInterval(() => {
      const due = Math.min(most, Math.floor(((performance.now() - start) / 1000) * perSecond));
      while (this.sent < due && this.open.size < MOST_AT_ONCE) this.send(site, path);
    }, 10);
  }

  private send(site: Site, path: string): void {
    this.sent += 1;
    const one: Promise<void> = site
      .get(path)
      .then(
        ({ status }) => {
          if (status !== 200) this.errors.push(`status ${status}`);
        },
        (error: unknown) => {
          if (String(error).includes("no answer")) this.late += 1;
          else this.errors.push(String(error));
        },
      )
      .finally(() => this.open.delete(one));
    this.open.add(one);
  }

  /** Starts no more, and waits for those that are under way. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.open);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
