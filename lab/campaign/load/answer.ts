/** What an answer must be. Pure. */

/** What became of a request, as seen by the client. */
export type ErrorKind =
  /** The connection was refused or could not be made. */
  | "refused"
  /** A new connection, or one in use, ended before the answer began. */
  | "reset"
  /** The server closed a kept connection that was idle, as the request was on its way. */
  | "closed-idle"
  /** The answer began and did not end. */
  | "cut"
  /** No whole answer within the time limit. */
  | "timeout"
  /** Another status than 200. */
  | "status"
  /** Status 200, and not what was asked for. */
  | "wrong"
  /** Too many requests were in flight to send one more. */
  | "not-sent";

export interface Problem {
  kind: ErrorKind;
  detail: string;
}

export interface Answer {
  status: number;
  /** The header X-Served-By. */
  servedBy: string | undefined;
  body: string;
}

export interface Expected {
  nonce: string;
  bodyBytes: number;
  sha256: string;
  fillBytes: number;
}

/** Why the answer is not the one to this request; undefined when it is. */
export function problemOf(answer: Answer, expected: Expected): Problem | undefined {
  const { nonce, bodyBytes: bytes, sha256, fillBytes } = expected;
  if (answer.status !== 200) return { kind: "status", detail: String(answer.status) };
  if (!answer.servedBy) return { kind: "wrong", detail: "no X-Served-By" };
  const line = JSON.stringify({ nonce, bytes, sha256 });
  if (answer.body === `${line}\n${".".repeat(fillBytes)}`) return undefined;
  const got = answer.body.split("\n", 1)[0] ?? "";
  if (got === line) {
    return { kind: "wrong", detail: `${answer.body.length} bytes, expected ${line.length + 1 + fillBytes}` };
  }
  return { kind: "wrong", detail: `expected ${line}, got ${got.slice(0, 200)}` };
}
