import { pause } from "./pause";

/** Milliseconds on a monotonic clock, for intervals. Its zero is arbitrary: compare values only within one process. */
export const monotonicMs = (): number => performance.now();

/**
 * Milliseconds since the epoch, for people, for metrics that are Unix times, and for comparing with the timestamps of Docker's events.
 * NTP or an operator may set this clock at any time, so it never measures an interval.
 */
// eslint-disable-next-line no-restricted-syntax -- the one place that reads the wall clock
export const wallMs = (): number => Date.now();

/** The monotonic clock and a pause on it; tests bring their own. */
export interface Clock {
  now(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = { now: monotonicMs, pause };
