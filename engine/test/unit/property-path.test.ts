import { formatPath, parsePath, parseProviderPath, pathContains } from "../../src/property-path";

/** What the CLI 3.260 makes of `config set --path`, which reads strictly. */
const READ: readonly (readonly [string, readonly (string | number)[]])[] = [
  ["root", ["root"]],
  ["root.nested", ["root", "nested"]],
  ['root["nested"]', ["root", "nested"]],
  ["root.double.nest", ["root", "double", "nest"]],
  ["root.array[0][1].nested", ["root", "array", 0, 1, "nested"]],
  ['a["x.y"]', ["a", "x.y"]],
  ['["root key with a ."]', ["root key with a ."]],
  ['["say \\"hi\\""].b', ['say "hi"', "b"]],
  ["env[*].name", ["env", "*", "name"]],
  ["a..b", ["a", "b"]],
  ['q["x\\y"]', ["q", "x\\y"]],
  ['q["x\\\\y"]', ["q", "x\\\\y"]],
  ["z]", ["z]"]],
  ["l[-1]", ["l", -1]],
  ["l[+0]", ["l", 0]],
  ['m[""]', ["m", ""]],
  ['v.""', ["v", '""']],
  ["a[0]x", ["a", 0, "x"]],
  ["foo-bar.$x", ["foo-bar", "$x"]],
];

test.each(READ)("%s is read as %j", (text, path) => {
  expect(parsePath(text, { strict: true })).toEqual(path);
  expect(parsePath(text)).toEqual(path);
  expect(parsePath(formatPath(path))).toEqual(path);
});

test.each([".a", "a.", "a[", "a[x]", "a[]", 'a["', 'n["a"b]', "a[b"])("%j is no path", (text) => {
  const place = /^invalid property path ".*": cannot read it from position \d on$/;
  expect(() => parsePath(text)).toThrow(place);
  expect(() => parsePath(text, { strict: true })).toThrow(place);
  expect(parseProviderPath(text)).toEqual([text]);
});

test("a dot before a bracket is a provider's habit, and no config key", () => {
  expect(parsePath('root.["nested"].[0]')).toEqual(["root", "nested", 0]);
  expect(() => parsePath('root.["nested"]', { strict: true })).toThrow("from position 4 on");
});

test("what is no plain word is written in quotes, as the CLI writes it", () => {
  expect(formatPath(["a", "b", 0, "x.y", "foo-bar", 'say "hi"', "x\\y"])).toBe(
    'a.b[0]["x.y"]["foo-bar"]["say \\"hi\\""]["x\\y"]',
  );
});

test("a pattern contains what lies inside of what it names", () => {
  expect(pathContains(parsePath("a[*].b"), parsePath("a[3].b.c"))).toBe(true);
  expect(pathContains(parsePath("a.b"), parsePath("a"))).toBe(false);
});
