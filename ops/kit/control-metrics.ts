/** What a stack's control containers report about themselves and nginx, read from this host; none of it is published on the host. */
import type Docker from "dockerode";
import { REGISTRATOR_STATUS_PORT, RELOADER_STATUS_PORT } from "../../contract/ports";
import { monotonicMs } from "../../services/kit/clock";
import { within } from "../../services/kit/within";
import { inspectAll, listContainers } from "./containers";
import { execIn } from "./exec";

/** `name{labels}` to number, as Prometheus's text has them. */
export type Numbers = ReadonlyMap<string, number>;

export type MetricsRole = "registrator" | "consul-template";

const SERVED: Record<MetricsRole, { port: number; program: string }> = {
  registrator: { port: REGISTRATOR_STATUS_PORT, program: "/usr/local/lib/registrator.js" },
  // the reloader's, and nginx's
  "consul-template": { port: RELOADER_STATUS_PORT, program: "/usr/local/lib/reloader.js" },
};
const ANSWER_MS = 2_000;
/** How long the slow way may take, which runs a process in the container. */
const SLOW_MS = 15_000;
/** The slow way is not taken more often than this. */
const SLOW_EVERY_MS = 5_000;

/** Reads Prometheus's text format. */
export function parseMetrics(text: string): Numbers {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end))];
    }),
  );
}

/**
 * The metrics of one role: by the container's address on the control network; where this host does not reach that (Docker Desktop), by an
 * exec, which works from anywhere and costs a process.
 */
export class ControlMetrics {
  private found: { id: string; address: string } | undefined;
  private slowAfterMs = 0;

  constructor(
    private readonly docker: Docker,
    private readonly stack: string,
    private readonly role: MetricsRole,
  ) {}

  /** @throws Error when the container does not run, or answers in neither way */
  async read(): Promise<Numbers> {
    const { port, program } = SERVED[this.role];
    try {
      this.found ??= await this.find();
      const answer = await fetch(`http://${this.found.address}:${port}/metrics`, {
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      return parseMetrics(await answer.text());
    } catch (error) {
      this.found = undefined;
      if (monotonicMs() < this.slowAfterMs) throw error;
      this.slowAfterMs = monotonicMs() + SLOW_EVERY_MS;
      const slow = this.find().then(({ id }) => execIn(this.docker, id, ["node", program, "metrics"]));
      return parseMetrics(await within(SLOW_MS, `the metrics of ${this.role}`, slow));
    }
  }

  private async find(): Promise<{ id: string; address: string }> {
    const running = (await listContainers(this.docker, this.stack, this.role)).filter(
      ({ state }) => state === "running",
    );
    const [container] = await inspectAll(this.docker, running);
    if (container === undefined) throw new Error(`${this.role} of stack ${this.stack} does not run`);
    return {
      id: container.Id,
      address: container.NetworkSettings.Networks[`${this.stack}-control`]?.IPAddress ?? "",
    };
  }
}
