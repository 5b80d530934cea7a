import { ansiPaint, plainPaint } from "../../../src/display/colour";
import { formatSeconds, formatWhole, hasChanges, nameOf, shortType, typeOf } from "../../../src/display/step-text";
import { renderChange, renderValue } from "../../../src/display/value-text";
import { OUTPUT_VALUE, RESOURCE_REFERENCE, SIGNATURE } from "../../../src/model";
import { UNKNOWN } from "../../../src/provider";
import { secret } from "./events";

test.each([
  ["text", '"text"'],
  [5, "5"],
  [null, "<null>"],
  [UNKNOWN, "[unknown]"],
  [[], "[]"],
  [{}, "{}"],
  [[1, "a"], '[1, "a"]'],
  [{ b: 1, a: [true] }, "{a: [true], b: 1}"],
  [secret("x"), "[secret]"],
  [{ deep: [secret({ password: "x" })] }, "{deep: [[secret]]}"],
  [{ [SIGNATURE]: OUTPUT_VALUE, value: "x", secret: true }, "[secret]"],
  [{ [SIGNATURE]: OUTPUT_VALUE }, "[unknown]"],
  [{ [SIGNATURE]: RESOURCE_REFERENCE, urn: "urn:x" }, "urn:x"],
])("%j is shown as %s", (value, text) => {
  expect(renderValue(value)).toBe(text);
});

test("what is long is put on several lines, and cut", () => {
  expect(renderValue({ list: ["a".repeat(50), "b".repeat(50)] })).toBe(
    `{\n    list: [\n        "${"a".repeat(50)}"\n        "${"b".repeat(50)}"\n    ]\n}`,
  );
  expect(renderValue("x".repeat(1000))).toHaveLength(303);
});

test("a secret can be shown on demand", () => {
  expect(renderValue(secret({ a: 1 }), true)).toBe("{a: 1}");
});

test("every line of a change has its colour", () => {
  const change = { path: "a", kind: "add" as const, after: ["x".repeat(50), "y".repeat(50)] };
  const lines = renderChange(change, ansiPaint, "  ");
  expect(lines).toHaveLength(4);
  expect(lines.every((line) => line.startsWith("\u001b[32m") && line.endsWith("\u001b[0m"))).toBe(true);
  expect(renderChange(change, plainPaint, "  ")[0]).toBe("  + a: [");
});

test.each([
  ["docker:index/container:Container", "docker:index:Container"],
  ["pulumi:pulumi:Stack", "pulumi:pulumi:Stack"],
  ["a:b/c:Other", "a:b/c:Other"],
  ["a:b/c/d:D", "a:b/c:D"],
])("the type %s is shown as %s", (type, shown) => {
  expect(shortType(type)).toBe(shown);
});

test("a URN's parts", () => {
  const urn = "urn:pulumi:dev::shop::a:b:C$docker:index/container:Container::x::y";
  expect(nameOf(urn)).toBe("x::y");
  expect(typeOf(urn)).toBe("docker:index/container:Container");
});

test("durations", () => {
  expect([0.123, 1.26, 14.7, 125].map(formatSeconds)).toEqual(["0.12s", "1.3s", "14s", "2m5s"]);
  expect(formatWhole(0.9)).toBe("0s");
});

test("reading and refreshing change nothing", () => {
  expect(hasChanges({ same: 3, read: 1, refresh: 2 })).toBe(false);
  expect(hasChanges({ "delete-replaced": 1 })).toBe(true);
});
