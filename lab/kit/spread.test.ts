import { median, percentile, spread } from "./spread";

test("percentiles are by nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(spread([...hundred].reverse())).toEqual({ count: 100, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 });
  expect(percentile([7], 50)).toBe(7);
  expect(percentile([1, 2], 50)).toBe(1);
});

test("of nothing there is no percentile", () => {
  expect(spread([]).p50).toBeNaN();
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2],
  [[10, 9], 9],
])("the median of %j is %d", (values, expected) => {
  expect(median(values)).toBe(expected);
});
