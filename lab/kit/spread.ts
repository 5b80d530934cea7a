/** The value below which `percent` of the sorted values lie (nearest rank); NaN of none. */
export function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? NaN;
}

export interface Spread {
  count: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent: number): number => percentile(sorted, percent);
  return { count: sorted.length, p50: at(50), p90: at(90), p95: at(95), p99: at(99), max: at(100) };
}

/** The middle one of the values; of an even number of them, the lower of the two. NaN of none. */
export const median = (values: readonly number[]): number => spread(values).p50;
