import { monotonicMs } from "../../services/kit/clock";
import { pause } from "../../services/kit/pause";

type Found<T> = T | undefined | null | false;

/** The first pauses are shorter: what is there soon is found soon. */
const FIRST_PAUSE_MS = 2;

/**
 * Polls until `probe` returns something other than undefined, null or false, and returns that. An error counts as "not yet".
 * @throws Error that says what did not come, with the last error, after a limit that only a hang reaches
 */
export async function until<T>(
  what: string,
  probe: () => Found<T> | Promise<Found<T>>,
  { limitMs = 300_000, pauseMs = 200 }: { limitMs?: number; pauseMs?: number } = {},
): Promise<T> {
  const end = monotonicMs() + limitMs;
  let last: unknown;
  for (let waitMs = Math.min(FIRST_PAUSE_MS, pauseMs); ; waitMs = Math.min(2 * waitMs, pauseMs)) {
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (monotonicMs() > end) {
      const why = last === undefined ? "" : ` (${last instanceof Error ? last.message : JSON.stringify(last)})`;
      throw new Error(`after ${limitMs / 1000} s still not: ${what}${why}`, { cause: last });
    }
    await pause(waitMs);
  }
}
