import { constants } from "node:os";
import type { ContainerView, Kill, StopIntent } from "./model";

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
 * The intent that a `kill` event makes: its signal is the one that this container is stopped with (HUP, USR1 and others
 * emit `kill` too; KILL is followed by `die` at once), and it was sent to the process that runs now.
 */
export function intentOf(kill: Kill, container: ContainerView): StopIntent | undefined {
  const isStop = signalNumber(kill.signal) === signalNumber(container.stopSignal);
  if (!isStop || !container.running || kill.atMs < Date.parse(container.startedAt)) return undefined;
  return { startedAt: container.startedAt, atMs: kill.atMs };
}

/**
 * Whether an intent still holds. It ends when the container is gone, has ended, or has started anew. One that still runs
 * `limitMs` later was not being stopped (`docker stop` ends in KILL): somebody sent it TERM and it chose to live on.
 */
export function holds(
  intent: StopIntent,
  container: ContainerView | undefined,
  nowMs: number,
  limitMs: number,
): "holds" | "ended" | "survived" {
  if (container === undefined || !container.running || container.startedAt !== intent.startedAt) return "ended";
  return nowMs - intent.atMs > limitMs ? "survived" : "holds";
}
