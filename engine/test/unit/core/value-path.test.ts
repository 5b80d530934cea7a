import { additions, changesOf, compare } from "../../../src/core/changes";
import { ignoreChanges } from "../../../src/core/diffing";
import { getPath } from "../../../src/core/value-path";
import { makeSecret } from "../../../src/core/values";
import type { JsonObject } from "../../../src/provider";

test("a value found inside of a secret is a secret", () => {
  expect(getPath({ a: makeSecret({ b: 1 }) }, ["a", "b"])).toEqual(makeSecret(1));
});

describe("ignoreChanges", () => {
  const olds = { a: { b: 1, c: 1 }, list: [{ x: 1 }, { x: 2 }], gone: 1 };
  test.each([
    ["a.b", { a: { b: 9, c: 9 } }, { a: { b: 1, c: 9 } }],
    ["a", { a: { b: 9 } }, { a: { b: 1, c: 1 } }],
    ["gone", { a: 1 }, { a: 1 }],
    ["added", { added: 1 }, { added: 1 }],
    ["list[*].x", { list: [{ x: 8, y: 1 }, { x: 9 }] }, { list: [{ x: 1, y: 1 }, { x: 2 }] }],
    ["list[0].x", { list: [{ x: 8 }, { x: 9 }] }, { list: [{ x: 1 }, { x: 9 }] }],
    ["a.b", { a: makeSecret({ b: 9 }) }, { a: makeSecret({ b: 1 }) }],
  ])("%s", (path, news, expected) => {
    const { inputs } = ignoreChanges(news as JsonObject, olds, [path]);
    expect(inputs).toEqual(path === "gone" ? { a: 1, gone: 1 } : path === "added" ? {} : expected);
  });

  test("says which paths lead into what was added or removed", () => {
    expect(ignoreChanges({ list: [{ x: 1 }] }, olds, ["list[*].x", "list[1].x"]).impossible).toEqual([
      "list[*].x",
      "list[1].x",
    ]);
  });
});

describe("changes", () => {
  test("are found deep, by path, and without what is nobody's business", () => {
    const before = { a: { b: 1, c: 1 }, list: [1, 2], __defaults: [], gone: 1 };
    const after = { a: { b: 2, c: 1 }, list: [1, 3, 4], __defaults: ["x"], "odd key.": 1 };
    expect(compare(before, after)).toEqual([
      { path: "a.b", kind: "update", before: 1, after: 2 },
      { path: "list[1]", kind: "update", before: 2, after: 3 },
      { path: "list[2]", kind: "add", after: 4 },
      { path: "gone", kind: "delete", before: 1 },
      { path: '["odd key."]', kind: "add", after: 1 },
    ]);
  });

  test("compare secrets by what they hold, and never show them", () => {
    expect(compare({ a: makeSecret(1), b: makeSecret(1) }, { a: 1, b: 2 })).toEqual([
      { path: "b", kind: "update", before: makeSecret(1), after: makeSecret(2) },
    ]);
    expect(additions({ a: makeSecret({ b: 1, __defaults: [] }), __defaults: [] })).toEqual([
      { path: "a", kind: "add", after: makeSecret({ b: 1 }) },
    ]);
  });

  test("that the provider names come with old and new values; keys that replace are marked", () => {
    const values = {
      oldInputs: { a: 1, p: makeSecret("x") },
      oldOutputs: { a: 5, p: "x" },
      newInputs: { a: 2, p: "y" },
    };
    const base = { changes: "some", replaces: [], diffs: [], deleteBeforeReplace: false } as const;
    const detailed = {
      a: { kind: "update-replace", inputDiff: false },
      p: { kind: "update", inputDiff: false },
    } as const;
    expect(changesOf({ ...base, detailed }, values)).toEqual([
      { path: "a", kind: "update-replace", before: 5, after: 2 },
      { path: "p", kind: "update", before: makeSecret("x"), after: makeSecret("y") },
    ]);
    expect(changesOf({ ...base, replaces: ["a", "hidden"] }, values)).toEqual([
      { path: "a", kind: "update-replace", before: 1, after: 2 },
      { path: "p", kind: "update", before: makeSecret("x"), after: makeSecret("y") },
      { path: "hidden", kind: "update-replace" },
    ]);
  });
});
