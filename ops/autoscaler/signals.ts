import { monotonicMs } from "../../services/kit/clock";

/** npm repeats to its child a signal that the terminal sent to both: what comes so soon after another one is the same. */
const SAME_MS = 300;

/** Aborted by the first SIGINT or SIGTERM; each further one calls `again`. */
export function askedForSignals(again: () => void): AbortSignal {
  const stop = new AbortController();
  let lastMs = -Infinity;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (monotonicMs() - lastMs < SAME_MS) return;
      lastMs = monotonicMs();
      if (stop.signal.aborted) again();
      else stop.abort();
    });
  }
  return stop.signal;
}
