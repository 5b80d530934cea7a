/** Waiting for a container to become healthy, and what to say when it does not. */
import type Docker from "dockerode";
import { ifFound } from "./daemon-error";
import { lastLines } from "./container-logs";
import { inspectAnswer, type Inspected } from "./container-read";
import { sleep } from "./resource";

/** Between two looks at the state. Docker itself checks health at most as often as the healthcheck's interval. */
const POLL_MS = 150;

export async function inspect(container: Docker.Container): Promise<Inspected | undefined> {
  const answer = await ifFound(container.inspect());
  return answer === undefined ? undefined : inspectAnswer.parse(answer);
}

export interface Failure {
  /** One sentence: what happened to which container. */
  readonly summary: string;
  /** The container's state, its last health check, its last lines. */
  readonly details: readonly string[];
}

/**
 * Polls until the container is healthy. @returns what went wrong, or undefined.
 * Invariant: each round looks at one consistent state, and every way out but "healthy" explains itself.
 */
export async function waitUntilHealthy(
  container: Docker.Container,
  options: { readonly name: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Failure | undefined> {
  const { name, timeoutMs, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const state = await inspect(container);
    if (state === undefined) return { summary: `container ${name} was removed while it was waited for`, details: [] };
    const problem = judge(name, state);
    if (problem === "healthy") return undefined;
    if (problem !== "wait") return explain(container, problem, state);
    if (performance.now() > deadline) {
      return explain(container, `container ${name} did not become healthy within ${timeoutMs / 1000} s`, state);
    }
    await sleep(POLL_MS, signal);
  }
}

/** "healthy", "wait", or the sentence that says why there is no hope. */
export function judge(name: string, { State, HostConfig }: Inspected): string {
  const restarts = !["", "no"].includes(HostConfig.RestartPolicy?.Name ?? "");
  if (!State.Running && !restarts) {
    const why = State.OOMKilled === true ? " (it ran out of memory)" : State.Error === "" ? "" : ` (${State.Error})`;
    return `container ${name} exited with code ${State.ExitCode}${why} before it became healthy`;
  }
  switch (State.Health?.Status) {
    case undefined:
    case "":
    case "none":
      return State.Running
        ? `container ${name} has \`wait\` but no healthcheck: give it one, or drop \`wait\``
        : "wait";
    case "healthy":
      return State.Running ? "healthy" : "wait";
    case "unhealthy":
      return `container ${name} is unhealthy`;
    default:
      return "wait";
  }
}

export async function explain(container: Docker.Container, summary: string, state: Inspected): Promise<Failure> {
  const { State, Config } = state;
  const details = [`state: ${State.Status || "unknown"}, exit code ${State.ExitCode}`];
  const check = State.Health?.Log?.at(-1);
  if (check) details.push(`last health check: exit code ${check.ExitCode}, ${check.Output.trim() || "no output"}`);
  const lines = await lastLines(container, Config.Tty ?? false);
  details.push(lines.length > 0 ? `its last lines:\n  ${lines.join("\n  ")}` : "it printed nothing");
  return { summary, details };
}
