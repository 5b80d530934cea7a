import { satisfies } from "../../../src/core/version-range";

/** As github.com/blang/semver answers for 3.260.0. */
test.each([
  [">=3.0.0", true],
  ["!3.1.2", true],
  [">=3.5.0 !3.7.7", true],
  ["<3.4.0 || >3.8.0", true],
  ["3.x", true],
  ["3.260.x", true],
  ["=3.260.0", true],
  ["> 3.0.0", true],
  [">3.x", false],
  ["<=3.260.x", true],
  ["<3.260.0", false],
  [">=3.x <4.x", true],
  ["!=3.x", false],
  [">3.260.x", false],
  ["<=3.x", true],
  [" >=3.0.0 ", true],
])("%j: %s", (range, expected) => {
  expect(satisfies("3.260.0", range)).toBe(expected);
});

test.each([">=4", "3", "3.260", "abc", "", "^3.0.0", "1.x.3", "x"])("%j is no range", (range) => {
  expect(() => satisfies("3.260.0", range)).toThrow("parsing CLI version range");
});
