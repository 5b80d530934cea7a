import { type Answer, problemOf } from "./answer";

const expected = { nonce: "a-1", bodyBytes: 3, sha256: "abc", fillBytes: 4 };
const good: Answer = { status: 200, servedBy: "one", body: '{"nonce":"a-1","bytes":3,"sha256":"abc"}\n....' };

test("the answer that was asked for has no problem", () => {
  expect(problemOf(good, expected)).toBeUndefined();
});

test.each<[string, Partial<Answer>, string, string]>([
  ["another status", { status: 503 }, "status", "503"],
  ["no name of a replica", { servedBy: undefined }, "wrong", "no X-Served-By"],
  ["another request's answer", { body: good.body.replace("a-1", "a-2") }, "wrong", "a-2"],
  ["another body's hash", { body: good.body.replace("abc", "abd") }, "wrong", "abd"],
  ["fewer bytes than asked for", { body: good.body.slice(0, -1) }, "wrong", "44 bytes, expected 45"],
  ["a page of WordPress", { body: "<!doctype html>" }, "wrong", "<!doctype html>"],
])("%s is seen", (_what, change, kind, detail) => {
  const problem = problemOf({ ...good, ...change }, expected);
  expect(problem?.kind).toBe(kind);
  expect(problem?.detail).toContain(detail);
});
