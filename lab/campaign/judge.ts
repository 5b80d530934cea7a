/** Whether a scene went as it must. Pure. */
import type { LedgerFindings } from "./ledger";
import type { Outcome } from "./load/exchange";

/** The replica that ended without warning, and when it was gone. */
export interface Loss {
  /** ip:port, as nginx's log names it. */
  address: string;
  atMs: number;
}

/** `none`: no error at all. `in-flight`: POSTs that a lost replica was working on. `any`: the daemon took nginx down with it. */
export type Allowance = "none" | "in-flight" | "any";

/** One error, with what nginx's log says of the request. */
export interface Failure {
  outcome: Outcome;
  /** The replicas that nginx asked, in order; undefined: nginx's log does not have the request. */
  upstreams: string[] | undefined;
  logLine: string | undefined;
}

export interface Verdict {
  /** Errors that the scene allows. */
  allowed: Failure[];
  /** Those that it does not. */
  unallowed: Failure[];
  /** What went wrong, for people; empty: the scene is met. */
  faults: string[];
}

export function judge(
  allowance: Allowance,
  failures: readonly Failure[],
  ledger: LedgerFindings,
  losses: readonly Loss[],
  recovery: { tookMs: number | undefined; limitMs: number },
): Verdict {
  const isAllowed = (failure: Failure): boolean =>
    allowance === "any" || (allowance === "in-flight" && losses.some((loss) => wasInFlight(failure, loss)));
  const allowed = failures.filter(isAllowed);
  const unallowed = failures.filter((failure) => !isAllowed(failure));
  const faults = [
    ...(unallowed.length > 0 ? [`${unallowed.length} errors: ${byKind(unallowed.map(({ outcome }) => outcome))}`] : []),
    ...(ledger.lost.length > 0 ? [`${ledger.lost.length} POSTs lost: ${some(ledger.lost)}`] : []),
    ...(ledger.doubled.length > 0 ? [`${ledger.doubled.length} POSTs doubled: ${some(ledger.doubled)}`] : []),
    ...(recovery.tookMs === undefined
      ? [`Docker, Consul and nginx did not agree within ${recovery.limitMs / 1000} s`]
      : []),
  ];
  return { allowed, unallowed, faults };
}

/** A POST that nginx had given to the lost replica, and to no other, before it was gone: nobody may send it again. */
function wasInFlight({ outcome, upstreams }: Failure, { address, atMs }: Loss): boolean {
  const isItsOnly = upstreams?.length === 1 && upstreams[0] === address;
  return outcome.planned.method === "POST" && isItsOnly && outcome.dueMs <= atMs;
}

/** "3 status 503 (GET), 1 reset ECONNRESET (POST)" */
export function byKind(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { planned, problem } of outcomes) {
    if (problem === undefined) continue;
    const name = `${problem.kind} ${problem.kind === "wrong" ? "" : problem.detail} (${planned.method})`.replace(
      "  ",
      " ",
    );
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(", ")}${names.length > 3 ? `, and ${names.length - 3} more` : ""}`;

const NONCE = /[?&]nonce=([\w-]+)/;
const CLIENT = /[\d.]+ - - \[/;
const UPSTREAMS = / to=(.+?) status=/;

/** What nginx's access log says of these requests: the line, and whom it asked. */
export function explain(outcomes: readonly Outcome[], log: string): Failure[] {
  const wanted = new Set(outcomes.map(({ nonce }) => nonce));
  const lines = new Map<string, string>();
  for (const line of log.split("\n")) {
    const nonce = NONCE.exec(line)?.[1];
    // The line begins with the client's address; what precedes it is the frame header of Docker's log.
    if (nonce !== undefined && wanted.has(nonce)) lines.set(nonce, line.slice(Math.max(0, line.search(CLIENT))).trim());
  }
  return outcomes.map((outcome) => {
    const logLine = lines.get(outcome.nonce);
    const upstreams = logLine === undefined ? undefined : UPSTREAMS.exec(logLine)?.[1]?.split(/, | : /);
    return { outcome, upstreams, logLine };
  });
}
