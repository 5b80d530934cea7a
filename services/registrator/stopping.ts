import { constants } from "node:os";
import type { ContainerView, HeldIntent, Kill } from "./model";

/** What registrator writes as the reason of a maintenance of its own; another reason is an operator's, and left alone. */
export const STOPPING_REASON = "registrator: the container was asked to stop";

/** The Linux number of a signal given as "SIGTERM", "TERM", "15" or "SIGRTMIN+3"; undefined when it is none. */
export function signalNumber(signal: string): number | undefined {
  if (/^\d+$/.test(signal)) return Number(signal);
  const name = signal.toUpperCase().replace(/^(SIG)?/, "SIG");
  const realtime = /^SIGRTMIN(?:\+(\d+))?$/.exec(name);
  if (realtime !== null) return 34 + Number(realtime[1] ?? 0);
  return (constants.signals as Record<string, number | undefined>)[name];
}

/**
 * What a `kill` event says of the process that runs now, which is shown by `container`.
 * - "stop": its signal is the one that this container is stopped with (HUP, USR1 and others emit `kill` too; KILL is followed by
 *   `die` at once).
 * - "none": another signal, or it was sent to an earlier process.
 * - "unclear": Docker says that the process started after it was sent, and at a time that is still to come. So the host's clock was set
 *   back since the start, and the stamps do not tell which of the two came first: the order of Docker's events does.
 */
export function meaningOf(kill: Kill, container: ContainerView, wallNowMs: number): "stop" | "none" | "unclear" {
  const isStop = signalNumber(kill.signal) === signalNumber(container.stopSignal);
  if (!isStop || !container.running) return "none";
  const startedMs = Date.parse(container.startedAt);
  if (kill.atMs >= startedMs) return "stop";
  return startedMs > wallNowMs ? "unclear" : "none";
}

/**
 * Whether an intent still holds. It ends when the container is gone, has ended, or has started anew. One that still runs
 * `limitMs` later was not being stopped (`docker stop` ends in KILL): somebody sent it TERM and it chose to live on.
 * @param nowMs on the monotonic clock
 */
export function holds(
  intent: HeldIntent,
  container: ContainerView | undefined,
  nowMs: number,
  limitMs: number,
): "holds" | "ended" | "survived" {
  if (container === undefined || !container.running || container.startedAt !== intent.startedAt) return "ended";
  return nowMs - intent.sinceMs > limitMs ? "survived" : "holds";
}
