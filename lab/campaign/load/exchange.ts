import * as http from "node:http";
import { type Answer, type Problem, problemOf } from "./answer";
import { bodyOf } from "./bodies";
import { nowMs } from "./clock";
import type { Planned } from "./plan";

/** A request and what became of it; times in ms since the epoch. */
export interface Outcome {
  nonce: string;
  planned: Planned;
  /** When the schedule wanted it sent: latency counts from here. */
  dueMs: number;
  endMs: number;
  /** Sent on a connection that had carried another request before. */
  reused: boolean;
  servedBy?: string;
  /** undefined: the answer was right. */
  problem?: Problem;
}

/** No answer takes longer: nginx gives up on a replica after `maxRequestSeconds`, and may ask a second one. */
const LIMIT_MS = 130_000;

/** A request that fails so soon on a kept connection crossed with the server's closing it. */
const CROSSING_MS = 500;

/** Sends one request to 127.0.0.1 and checks its answer; never rejects, and never tries again. */
export function exchange(
  port: number,
  agent: http.Agent,
  nonce: string,
  planned: Planned,
  dueMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const sentMs = nowMs();
    const body = bodyOf(planned.bodyBytes);
    const { method, lastsMs, fillBytes } = planned;
    const request = http.request({
      host: "127.0.0.1",
      port,
      agent,
      method,
      path: `/campaign-probe?nonce=${nonce}&ms=${lastsMs}&fill=${fillBytes}`,
      headers:
        method === "POST" ? { "Content-Type": "application/octet-stream", "Content-Length": body.content.length } : {},
    });
    let response: http.IncomingMessage | undefined;
    const timer = setTimeout(() => end({ kind: "timeout", detail: `${LIMIT_MS / 1000} s` }), LIMIT_MS);
    let isOver = false;
    const end = (problem: Problem | undefined, servedBy?: string): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      if (problem !== undefined) request.destroy();
      resolve({ nonce, planned, dueMs, endMs: nowMs(), reused: request.reusedSocket, servedBy, problem });
    };
    request.once("error", (error: NodeJS.ErrnoException) => {
      const wasIdle = request.reusedSocket && nowMs() - sentMs < CROSSING_MS;
      end(brokenOff(error, wasIdle, response));
    });
    request.once("response", (received) => {
      response = received;
      let text = "";
      received.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
      received.once("error", (error: Error) => end({ kind: "cut", detail: error.message }));
      received.once("end", () => {
        const servedBy = received.headers["x-served-by"] as string | undefined;
        const answer: Answer = { status: received.statusCode ?? 0, servedBy, body: text };
        const { sha256 } = body;
        end(problemOf(answer, { nonce, bodyBytes: planned.bodyBytes, sha256, fillBytes }), servedBy);
      });
    });
    request.end(method === "POST" ? body.content : undefined);
  });
}

function brokenOff(
  error: NodeJS.ErrnoException,
  wasIdle: boolean,
  response: http.IncomingMessage | undefined,
): Problem {
  const detail = error.code ?? error.message;
  if (response !== undefined) return { kind: "cut", detail };
  if (error.syscall === "connect") return { kind: "refused", detail };
  return { kind: wasIdle ? "closed-idle" : "reset", detail };
}
