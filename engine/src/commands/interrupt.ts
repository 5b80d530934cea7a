import { EXIT } from "../failure";
import type { Terminal } from "./context";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One ^C may arrive by several ways: from the terminal, and repeated by whoever started the engine. What comes so soon after is the same. */
const SAME_MS = 250;

/**
 * Turns the first ^C into an orderly end, and the second into an immediate one.
 *
 * @param last what must still be done then; it must not wait.
 */
export function onInterrupt(terminal: Terminal, last: () => void): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  let lastMs = -Infinity;
  const handle = (): void => {
    if (performance.now() - lastMs < SAME_MS) return;
    lastMs = performance.now();
    if (controller.signal.aborted) {
      last();
      process.exit(EXIT.cancelled);
    }
    terminal.err(
      "\ninterrupted: waiting for what is running to end; press ^C again to stop at once, which may leave resources that the state does not know\n",
    );
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    signal: controller.signal,
    stop: () => {
      for (const signal of SIGNALS) process.removeListener(signal, handle);
    },
  };
}
