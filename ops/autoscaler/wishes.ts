/**
 * From one metric to a number of replicas, as Kubernetes' HorizontalPodAutoscaler does it ("Algorithm details" of its documentation, and
 * replica_calculator.go): desiredReplicas = ceil[currentReplicas × (currentMetricValue / desiredMetricValue)], nothing within the tolerance.
 */

export interface Wished {
  value: number;
  replicas: number;
}

/** A ready replica without a value is missing. */
export interface Part {
  isReady: boolean;
  value?: number;
}

const isWithin = (ratio: number, tolerance: number): boolean => Math.abs(ratio - 1) <= tolerance + 1e-9;
/** ceil, without the last bit of a quotient: 3 × 1.1 / 1.1 is 3. */
const ceil = (value: number): number => Math.max(0, Math.ceil(value - 1e-9));

/**
 * A metric that each replica has (CPU). Unready ones are set aside. Where that wishes for more, they count as 0; a missing value counts
 * as 0 where more is wished for and as the target where fewer are; a result that turns the direction round is none.
 * @returns a text where no ready replica has a value
 */
export function wishByReplica(current: number, target: number, parts: Part[], tolerance: number): Wished | string {
  const ready = parts.filter((part) => part.isReady);
  const known = ready.flatMap(({ value }) => (value === undefined ? [] : [value]));
  if (known.length === 0) return ready.length === 0 ? "no replica is ready" : "no replica has a value";
  const value = mean(known);
  const ratio = value / target;
  const missing = Array<number>(ready.length - known.length).fill(ratio < 1 ? target : 0);
  const unready = Array<number>(ratio > 1 ? parts.length - ready.length : 0).fill(0);
  const all = [...known, ...missing, ...unready];
  return { value, replicas: fromRatio(current, ratio, mean(all) / target, all.length, tolerance) };
}

/** A metric of the whole with a target for each replica (requests in flight): ceil(total / target). */
export function wishByTotal(current: number, targetEach: number, total: number, tolerance: number): Wished {
  const value = total / current;
  return { value, replicas: isWithin(value / targetEach, tolerance) ? current : ceil(total / targetEach) };
}

/** A metric of the whole with one target (time of a request): ceil(ready × value / target). */
export function wishByValue(
  current: number,
  ready: number,
  target: number,
  value: number,
  tolerance: number,
): Wished | string {
  if (ready === 0) return "no replica is ready";
  const ratio = value / target;
  return { value, replicas: fromRatio(current, ratio, ratio, ready, tolerance) };
}

/** ceil(count × careful), or `current` where that is within the tolerance or against the direction of `ratio`, what was measured. */
function fromRatio(current: number, ratio: number, careful: number, count: number, tolerance: number): number {
  if (isWithin(careful, tolerance) || (ratio < 1 && careful > 1) || (ratio >= 1 && careful < 1)) return current;
  const replicas = ceil(careful * count);
  return ratio > 1 ? Math.max(current, replicas) : Math.min(current, replicas);
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
