/** What the samples come to, and whether that is good enough. Pure. */

export const STAGES = ["healthy", "registered", "rendered", "checked", "serving", "retired"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * One run: ms from the event until `healthy` (Docker says so; 0 or less where it is the event itself), `registered` (registrator had told
 * Consul), `rendered` (consul-template had written), `checked` (nginx -t had passed and it was current), `serving` (a new worker answered)
 * and `retired` (the last old worker was gone). NaN where it does not apply, or was not logged.
 */
export type Sample = Record<Stage, number>;

/** The events that a run is counted from: the container's start, Docker's `healthy`, the stop signal. */
export const KINDS = ["start", "healthy", "kill"] as const;
export type Kind = (typeof KINDS)[number];

export interface Figures {
  median: number;
  p95: number;
  max: number;
}

/** Undefined for a stage of which no sample has a time. */
export type Summary = Record<Stage, Figures | undefined>;

/** Of `serving`, in ms, from each event. */
const BOUNDS: Record<Kind, { median: number; p95: number }> = {
  start: { median: 1_400, p95: 2_500 },
  healthy: { median: 100, p95: 250 },
  kill: { median: 100, p95: 250 },
};

/** The value below which the share `p` of the values lies (nearest rank); NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN;
}

export function summarize(samples: readonly Sample[]): Summary {
  const figures = (stage: Stage): Figures | undefined => {
    const values = samples.map((sample) => sample[stage]).filter((value) => !Number.isNaN(value));
    const at = (p: number): number => Math.round(percentile(values, p));
    return values.length === 0 ? undefined : { median: at(0.5), p95: at(0.95), max: at(1) };
  };
  return {
    healthy: figures("healthy"),
    registered: figures("registered"),
    rendered: figures("rendered"),
    checked: figures("checked"),
    serving: figures("serving"),
    retired: figures("retired"),
  };
}

/** A line for each bound that is not met; times that are missing meet none. */
export function missedBounds(found: Record<Kind, Summary>): string[] {
  return KINDS.filter((kind) => {
    const { serving } = found[kind];
    const { median, p95 } = BOUNDS[kind];
    return !(serving !== undefined && serving.median <= median && serving.p95 <= p95);
  }).map((kind) => {
    const { median, p95 } = BOUNDS[kind];
    return `bound not met: ${kind} → serving within a median of ${median} ms and a p95 of ${p95} ms`;
  });
}
