import { constants } from "node:os";
import type { ContainerView, HeldIntent, Kill } from "./model";

/** The reason that registrator gives for maintenance. Maintenance with another reason is an operator's, and left alone. */
export const STOPPING_REASON = "registrator: the container was asked to stop";

/** The Linux number of a signal given as "SIGTERM", "TERM", "15" or "SIGRTMIN+3"; undefined for an unknown signal. */
export function signalNumber(signal: string): number | undefined {
  if (/^\d+$/.test(signal)) return Number(signal);
  const name = signal.toUpperCase().replace(/^(SIG)?/, "SIG");
  const realtime = /^SIGRTMIN(?:\+(\d+))?$/.exec(name);
  if (realtime !== null) return 34 + Number(realtime[1] ?? 0);
  return (constants.signals as Record<string, number | undefined>)[name];
}

/**
 * What a `kill` event means for the container's present process.
 * - "stop": the signal is the container's stop signal (HUP, USR1 and others emit `kill` too; KILL is followed by `die` at once).
 * - "none": another signal, or one sent to an earlier process.
 * - "unclear": by Docker's timestamps the process started after the signal, and in the future. So the host's clock was set back since
 *   the start, and only the order of Docker's events tells which of the two came first.
 */
export function classifyKill(kill: Kill, container: ContainerView, wallNowMs: number): "stop" | "none" | "unclear" {
  const isStop = signalNumber(kill.signal) === signalNumber(container.stopSignal);
  if (!isStop || !container.running) return "none";
  const startedMs = Date.parse(container.startedAt);
  if (kill.atMs >= startedMs) return "stop";
  return startedMs > wallNowMs ? "unclear" : "none";
}

/**
 * Whether an intent still holds. It ends when the container is gone, has ended, or has been restarted. A container that still runs
 * `limitMs` later was not being stopped (`docker stop` ends with KILL): it was sent the stop signal and handled it without exiting.
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
