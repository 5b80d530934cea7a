// What a stack's control containers say of themselves and of nginx, from this host; nothing of it is published on the host.
import { containersOf } from "./labels.mjs";
import { must } from "./run.mjs";

const ROLES = {
  registrator: { port: 9101, program: "/usr/local/lib/registrator.js" },
  "consul-template": { port: 9102, program: "/usr/local/lib/reloader.js" },
};

/** Prometheus's text as a Map from `name{labels}` to number. */
export function parseMetrics(text) {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

/**
 * The metrics of a role ("registrator" or "consul-template": the reloader's and nginx's). By the container's address on the
 * control network; where this host does not reach that (Docker Desktop), by an exec, which costs a process.
 * @throws Error when the container does not run or does not answer
 */
export async function readMetrics(stack, role) {
  const { port, program } = ROLES[role];
  const container = (await containersOf(stack)).find((one) => one.role === role && one.state === "running");
  if (!container) throw new Error(`${role} of stack ${stack} does not run`);
  const format = `{{(index .NetworkSettings.Networks "${stack}-control").IPAddress}}`;
  const limit = { timeoutMs: 10_000 };
  const address = (await must("docker", ["inspect", "--format", format, container.id], limit)).stdout.trim();
  try {
    const answer = await fetch(`http://${address}:${port}/metrics`, { signal: AbortSignal.timeout(2_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return parseMetrics(await answer.text());
  } catch {
    return parseMetrics((await must("docker", ["exec", container.id, "node", program, "metrics"], limit)).stdout);
  }
}
