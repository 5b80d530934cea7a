import { ticks } from "./svg";

test.each([
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [100, [0, 20, 40, 60, 80, 100]],
  [165, [0, 50, 100, 150, 200]],
])("the ticks for values up to %d are round", (most, expected) => {
  expect(ticks(most)).toEqual(expected);
});
