/** npm repeats to its child a signal that the terminal sent to both: what comes so soon after the first is the same. */
const SAME_MS = 500;

/** Aborted by the first SIGINT or SIGTERM; each further one calls `again`. */
export function askedForSignals(again: () => void): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        first = Date.now();
        stop.abort();
      } else if (Date.now() - first > SAME_MS) {
        again();
      }
    });
  }
  return stop.signal;
}
