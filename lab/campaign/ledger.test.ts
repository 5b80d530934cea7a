import { readLedger, settle } from "./ledger";
import { outcome } from "./outcome.fixture";

const post = (nonce: string, failed = false) =>
  outcome({
    nonce,
    planned: { method: "POST" },
    ...(failed && { problem: { kind: "reset", detail: "" } as const }),
  });

test("a POST that was answered and is not in the database is lost; one that is there twice is doubled", () => {
  const outcomes = [post("s-1"), post("s-2"), post("s-3"), outcome({ nonce: "s-4" })];
  const rows = new Map([
    ["s-1", 1],
    ["s-3", 2],
  ]);
  expect(settle(outcomes, rows)).toEqual({ acknowledged: 3, lost: ["s-2"], doubled: ["s-3"], unanswered: 0 });
});

test("a POST that failed may be in the database, once", () => {
  const outcomes = [post("s-1", true), post("s-2", true), post("s-3", true)];
  const rows = new Map([
    ["s-1", 1],
    ["s-2", 2],
  ]);
  expect(settle(outcomes, rows)).toEqual({ acknowledged: 0, lost: [], doubled: ["s-2"], unanswered: 2 });
});

test("the database's answer is read, and what is no row is not", async () => {
  const rows = await readLedger(() => Promise.resolve("a-1\t1\r\na-20\t2\r\n\r\n"), "a");
  expect([...rows]).toEqual([
    ["a-1", 1],
    ["a-20", 2],
  ]);
});
