/**
 * Kubernetes, "Horizontal Pod Autoscaling", algorithm details:
 *   desiredReplicas = ceil[currentReplicas × (currentMetricValue / desiredMetricValue)]
 * no action when the ratio is within 0.1 of 1.0. The numbers below were worked out by hand from that.
 */
import { wishByReplica, wishByTotal, wishByValue } from "./wishes";

const TOLERANCE = 0.1;
const ready = (...values: (number | undefined)[]) => values.map((value) => ({ isReady: true, value }));
const starting = (count: number) => Array.from({ length: count }, () => ({ isReady: false }));

test.each([
  // current, target, values                      ratio                          wish
  [2, 50, [100, 100], 4], //                       200/100 = 2.0                 ceil(2 × 2.0)
  [4, 100, [50, 50, 50, 50], 2], //                0.5                           ceil(4 × 0.5)
  [3, 50, [90, 60, 60], 5], //                     70/50 = 1.4                   ceil(4.2)
  [3, 60, [70, 60, 65], 3], //                     65/60 = 1.083, within 0.1     3
  [10, 50, [...Array<number>(10).fill(55)], 10], // 1.1, just within             10
  [10, 50, [...Array<number>(10).fill(56)], 12], // 1.12                         ceil(11.2)
  [10, 50, [...Array<number>(10).fill(45)], 10], // 0.9, just within             10
  [10, 50, [...Array<number>(10).fill(44)], 9], //  0.88                         ceil(8.8)
  [5, 40, [0, 0, 0, 0, 0], 0], //                  0                             ceil(0); min comes later
  [1, 30, [299], 10], //                           9.97                          ceil(9.97)
  [3, 1.1, [1.1, 1.1, 1.1], 3], //                 1.0                           3
])("CPU: %i replicas, target %d, %j: %i", (current, target, values, expected) => {
  expect(wishByReplica(current, target, ready(...values), TOLERANCE)).toMatchObject({ replicas: expected });
});

describe("replicas that are not ready, or have no value", () => {
  test.each([
    // "any not-yet-ready pods … are consuming 0 %" when it would scale up
    [
      "two at 90 of 50, two starting: 180/4 = 45, ratio 0.9, turned round: none",
      4,
      [...ready(90, 90), ...starting(2)],
      4,
    ],
    ["two at 200 of 50, two starting: 400/4 = 100, ratio 2: ceil(8)", 4, [...ready(200, 200), ...starting(2)], 8],
    ["two at 20 of 50, two starting, set aside: 0.4 × 2 = ceil(0.8)", 4, [...ready(20, 20), ...starting(2)], 1],
    // "assuming those pods were consuming 100 % of the desired value in case of a scale down, and 0 % in case of a scale up"
    ["10, 10 and one missing: (10+10+50)/3 = 23.3, 0.467 × 3: ceil(1.4)", 3, ready(10, 10, undefined), 2],
    ["40 and two missing: (40+50+50)/3 = 46.7, 0.93 is within the tolerance", 3, ready(40, undefined, undefined), 3],
    ["100, 100 and one missing: 200/3 = 66.7, 1.33 × 3: ceil(4)", 3, ready(100, 100, undefined), 4],
    ["80 and one missing: 40, 0.8 is the other way: none", 2, ready(80, undefined), 2],
    ["at target and one missing: not a wish for fewer", 2, ready(50, undefined), 2],
    ["200 of 50 while three of five are gone: ceil(8) is more than five", 5, ready(200, 200), 8],
    ["80 of 50 while three of five are gone: ceil(3.2) is fewer, against the load: none", 5, ready(80, 80), 5],
  ])("%s", (_, current, parts, expected) => {
    expect(wishByReplica(current, 50, parts, TOLERANCE)).toMatchObject({ replicas: expected });
  });

  test("none at all is a missing metric", () => {
    expect(wishByReplica(2, 50, ready(undefined, undefined), TOLERANCE)).toBe("no replica has a value");
    expect(wishByReplica(2, 50, starting(2), TOLERANCE)).toBe("no replica is ready");
    expect(wishByReplica(2, 50, [], TOLERANCE)).toBe("no replica is ready");
  });
});

test.each([
  // current, target each, total, wish = ceil(total / target)
  [2, 2, 8, 4], //    8/2
  [2, 2, 7, 4], //    ceil(3.5)
  [4, 2, 8.7, 4], //  8.7/8 = 1.0875, within
  [4, 2, 8.9, 5], //  8.9/8 = 1.1125: ceil(4.45)
  [4, 2, 7.3, 4], //  0.9125, within
  [4, 2, 7.1, 4], //  0.8875: ceil(3.55)
  [4, 2, 5.9, 3], //  ceil(2.95)
  [4, 2, 0, 0], //
  [1, 10, 95, 10], // ceil(9.5)
])("requests: %i replicas, target %d each, %d in flight: %i", (current, target, total, expected) => {
  expect(wishByTotal(current, target, total, TOLERANCE).replicas).toBe(expected);
});

test.each([
  // current, ready, target, value, wish = ceil(ready × value / target)
  [2, 2, 200, 500, 5], //  ceil(2 × 2.5)
  [3, 3, 200, 215, 3], //  1.075, within
  [4, 4, 200, 90, 2], //   ceil(4 × 0.45)
  [4, 4, 200, 0, 0], //
  [4, 2, 200, 300, 4], //  ceil(3) is fewer, against the load: none
])("upstream: %i replicas, %i ready, target %d ms, %d ms: %i", (current, count, target, value, expected) => {
  expect(wishByValue(current, count, target, value, TOLERANCE)).toMatchObject({ replicas: expected });
});
