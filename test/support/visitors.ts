/** Visitors that ask for pages, each one after the other on connections of its own, until they are told to end. */
import type { Site } from "../../lab/driver/site";

export interface Visits {
  asked: number;
  /** Statuses other than 200, and errors. */
  failed: unknown[];
}

export interface Visitors {
  /** Ends them, when the requests under way have been answered; what they saw. */
  end(): Promise<Visits>;
}

/** Those of the test that runs. */
const active = new Set<Visitors>();
// A test that fails half way leaves no requests running.
afterEach(async () => {
  await Promise.all([...active].map((each) => each.end()));
});

export function visitors(site: Site, count: number): Visitors {
  const over = new AbortController();
  const visits: Visits = { asked: 0, failed: [] };
  const visitor = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        const { status } = await site.get("/wp-login.php");
        if (status !== 200) visits.failed.push(status);
      } catch (error) {
        visits.failed.push(error instanceof Error ? error.message : error);
      }
      visits.asked += 1;
    }
  };
  const all = Promise.all(Array.from({ length: count }, visitor));
  const found: Visitors = {
    async end() {
      active.delete(found);
      over.abort();
      await all;
      return visits;
    },
  };
  active.add(found);
  return found;
}
