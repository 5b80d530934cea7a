import * as fc from "fast-check";

import { jsonErrorOffset } from "../../../src/state/json-position";

test.each([
  ["", 0],
  ["{", 1],
  ['{"a" 1}', 5],
  ['{"a":1,}', 7],
  ["[1 2]", 3],
  ["[1]]", 3],
  ['{"a": oops}', 6],
  ['{"a": "bad \\x"}', 6],
  ['{"a": "cut', 6],
])("%j stops being JSON at %i", (text, offset) => {
  expect(jsonErrorOffset(text)).toBe(offset);
});

test("all JSON is JSON to its end", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value, undefined, 1);
      expect(jsonErrorOffset(text)).toBe(text.length);
    }),
  );
});
