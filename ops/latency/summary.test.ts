import { missedBounds, percentile, type Sample, summarize } from "./summary";

const sample = (serving: number, healthy = 0): Sample => ({
  healthy,
  registered: serving,
  rendered: serving,
  checked: serving,
  serving,
  retired: NaN,
});

test("the nearest rank of unsorted values; none of none", () => {
  expect([0, 0.5, 0.95, 1].map((p) => percentile([30, 10, 20], p))).toEqual([10, 20, 30, 30]);
  expect(percentile([], 0.5)).toBeNaN();
});

test("a stage without any time has no figures", () => {
  const { serving, retired } = summarize([sample(10.4), sample(30), sample(20)]);
  expect(serving).toEqual({ median: 20, p95: 30, max: 30 });
  expect(retired).toBeUndefined();
});

test("a bound that is not met is named, and a time that is missing meets none", () => {
  const good = summarize([sample(50)]);
  expect(missedBounds({ start: good, healthy: good, kill: good })).toEqual([]);
  const missed = missedBounds({ start: summarize([sample(1_401)]), healthy: good, kill: summarize([sample(NaN)]) });
  expect(missed).toEqual([
    "bound not met: start → serving within a median of 1400 ms and a p95 of 2500 ms",
    "bound not met: kill → serving within a median of 100 ms and a p95 of 250 ms",
  ]);
});
