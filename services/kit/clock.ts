import { pause } from "./pause";

/** Milliseconds on a clock that nobody sets, for intervals. Its zero means nothing: compare it only with itself, within one process. */
export const monotonicMs = (): number => performance.now();

/**
 * Milliseconds since the epoch, for people, for metrics that are Unix times, and for comparing with the stamps of Docker's events.
 * Somebody, or NTP, may set this clock back or forth at any time, so it never measures an interval.
 */
// eslint-disable-next-line no-restricted-syntax -- the one place that reads the wall clock
export const wallMs = (): number => Date.now();

/** The monotonic clock, and the waiting that goes with it; a test has its own. */
export interface Clock {
  now(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export const realClock: Clock = { now: monotonicMs, pause };
