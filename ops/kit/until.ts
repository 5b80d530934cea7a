import { monotonicMs } from "../../services/kit/clock";
import { pause } from "../../services/kit/pause";

/** Polls until the probe finds something other than undefined. @throws Error after the limit, and what the probe throws */
export async function until<Found>(
  what: string,
  probe: () => Promise<Found | undefined> | Found | undefined,
  { limitMs = 120_000, everyMs = 20 }: { limitMs?: number; everyMs?: number } = {},
): Promise<Found> {
  const end = monotonicMs() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (monotonicMs() > end) throw new Error(`after ${limitMs / 1000} s still not: ${what}`);
    await pause(everyMs);
  }
}
