import * as fc from "fast-check";

import type { ConfigValue } from "../../../src/workspace/config-value";
import { coerceText, getAtPath, parseConfigPath, removeAtPath, setAtPath } from "../../../src/workspace/config-path";

test("the first part of a path is the key's name", () => {
  expect(parseConfigPath('root.array[0]["x.y"]')).toEqual({ name: "root", path: ["array", 0, "x.y"] });
});

test.each([
  ["", "empty config key path"],
  [".a", "invalid config key path"],
  ['root.["nested"]', "invalid config key path"],
  ["[0]", "must be a string"],
  ['[""]', "config key is empty"],
])("%j is no config key", (text, reason) => {
  expect(() => parseConfigPath(text)).toThrow(reason);
});

test("set makes the containers that it needs", () => {
  expect(setAtPath(undefined, ["a", 0, "b"], 1)).toEqual({ a: [{ b: 1 }] });
  expect(setAtPath({ a: [1] }, ["a", 1], 2)).toEqual({ a: [1, 2] });
  expect(setAtPath("text", ["a"], 1)).toEqual({ a: 1 });
});

test.each([
  [{ a: [] }, ["a", 2], "array index out of range"],
  [{ a: [1] }, ["a", -1], "array index out of range"],
  [{ a: "text" }, ["a", "b"], "expected a map"],
  [{ a: "text" }, ["a", 0], "expected an array"],
  [[1], ["x"], "key for an array must be an int"],
  [{ a: 1 }, [0], "key for a map must be a string"],
  [undefined, ["secure"], 'maps with the single key "secure" are reserved'],
] as [ConfigValue | undefined, (string | number)[], string][])("set of %j at %j is refused", (value, path, message) => {
  expect(() => setAtPath(value, path, "x")).toThrow(message);
});

test("remove", () => {
  expect(removeAtPath({ a: [1, 2, 3], b: 1 }, ["a", 1])).toEqual({ a: [1, 3], b: 1 });
  expect(removeAtPath({ a: { b: 1, c: 2 } }, ["a", "b"])).toEqual({ a: { c: 2 } });
  expect(removeAtPath({ a: 1 }, ["x", "y"])).toEqual({ a: 1 });
  expect(() => removeAtPath({ secure: "x", b: 1 }, ["b"])).toThrow("reserved");
});

test("what was set is there, and the value before is not touched", () => {
  const step = fc.string({ minLength: 1 }).filter((name) => !["secure", "__proto__"].includes(name));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), fc.integer(), (path, number) => {
      const before: ConfigValue = {};
      expect(getAtPath(setAtPath(before, path, number), path)).toBe(number);
      expect(before).toEqual({});
    }),
  );
});

test.each([
  ["true", true],
  ["5", 5],
  ["-5", -5],
  ["0", 0],
  ["0123", "0123"],
  ["1.5", "1.5"],
  ["99999999999999999999", "99999999999999999999"],
  ["True", "True"],
])("`config set --path` reads %s as %j", (text, value) => {
  expect(coerceText(text)).toBe(value);
});
