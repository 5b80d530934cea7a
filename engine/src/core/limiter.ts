/** Two ways to hold concurrent work back. */

/** Runs at most `limit` tasks at a time, in the order in which they came. */
export class Limiter {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.running++;
    try {
      return await task();
    } finally {
      // The slot goes to the next in line without being given back in between, or a newcomer could jump the queue.
      const next = this.queue.shift();
      if (next) next();
      else this.running--;
    }
  }
}

/** One at a time. */
export class Mutex {
  private readonly limiter = new Limiter(1);

  run<T>(task: () => Promise<T>): Promise<T> {
    return this.limiter.run(task);
  }
}
