import { type Allowance, explain, judge, type Loss } from "./judge";
import type { LedgerFindings } from "./ledger";
import { outcome } from "./outcome.fixture";

const clean: LedgerFindings = { acknowledged: 9, lost: [], doubled: [], unanswered: 0 };
const recovered = { tookMs: 10, limitMs: 30_000 };
const loss: Loss = { address: "10.0.0.5:80", atMs: 1_000 };
const line = (nonce: string, to: string): string =>
  `127.0.0.1 - - [x] "POST /campaign-probe?nonce=${nonce}&ms=0&fill=0 HTTP/1.1" 503 9 "-" "-" 0.1 to=${to} status=502 time=0.1`;
const failed = (nonce: string, method: "GET" | "POST", dueMs = 900) =>
  outcome({ nonce, dueMs, planned: { method }, problem: { kind: "status", detail: "503" } });
const verdict = (allowance: Allowance, ...[failures, ledger = clean]: [ReturnType<typeof explain>, LedgerFindings?]) =>
  judge(allowance, failures, ledger, [loss], recovered);

test("nginx's log says whom it asked for a request", () => {
  const asked = line("n-1", "10.0.0.5:80, 10.0.0.6:80");
  const log = ["noise", `\u0001\u0000\u00ab${asked}`, line("n-10", "10.0.0.6:80")].join("\n");
  const [one, other] = explain([failed("n-1", "GET"), failed("n-2", "GET")], log);
  expect(one?.logLine).toBe(asked);
  expect(one?.upstreams).toEqual(["10.0.0.5:80", "10.0.0.6:80"]);
  expect(other).toMatchObject({ upstreams: undefined, logLine: undefined });
});

test("only a POST that the lost replica alone had, before it was gone, may fail", () => {
  const outcomes = [
    failed("in-flight", "POST"),
    failed("get", "GET"),
    failed("later", "POST", 1_001),
    failed("other", "POST"),
    failed("unknown", "POST"),
  ];
  const log = [line("in-flight", loss.address), line("get", loss.address), line("later", loss.address)];
  const failures = explain(outcomes, [...log, line("other", "10.0.0.6:80")].join("\n"));
  const { allowed, unallowed, faults } = verdict("in-flight", failures);
  expect(allowed.map(({ outcome: { nonce } }) => nonce)).toEqual(["in-flight"]);
  expect(unallowed.map(({ outcome: { nonce } }) => nonce)).toEqual(["get", "later", "other", "unknown"]);
  expect(faults).toEqual(["4 errors: 3 status 503 (POST), 1 status 503 (GET)"]);
});

test("an announced scene allows none, a restart of the daemon any", () => {
  const failures = explain([failed("in-flight", "POST")], line("in-flight", loss.address));
  expect(verdict("none", failures).faults).toHaveLength(1);
  expect(verdict("any", failures).faults).toEqual([]);
});

test("a lost or doubled POST fails every scene, and so does a stack that does not come to rest", () => {
  expect(verdict("any", [], { ...clean, lost: ["n-1"] }).faults).toEqual(["1 POSTs lost: n-1"]);
  expect(verdict("any", [], { ...clean, doubled: ["n-1"] }).faults).toEqual(["1 POSTs doubled: n-1"]);
  expect(judge("any", [], clean, [], { tookMs: undefined, limitMs: 30_000 }).faults).toHaveLength(1);
});
