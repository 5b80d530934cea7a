/** A container's events and log lines, with Docker's and the services' own times. */
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import type Docker from "dockerode";
import { z } from "zod";
import { until } from "../kit/until";

const event = z.object({ Action: z.string(), timeNano: z.number() });

/** Follows the events of one container. */
export class ContainerEvents implements Disposable {
  private readonly seen: { action: string; atMs: number }[] = [];
  private failure: Error | undefined;

  private constructor(private readonly stream: NodeJS.ReadableStream & { destroy?: () => void }) {
    createInterface(stream).on("line", (line) => this.take(line));
    stream.once("error", (error: Error) => (this.failure = error));
  }

  /** @param docker without a limit on its answers */
  static async of(docker: Docker, id: string): Promise<ContainerEvents> {
    return new ContainerEvents(await docker.getEvents({ filters: { container: [id] } }));
  }

  /** When the first such event happened that is not older than `ms`; waits for it. */
  after(action: string, ms: number): Promise<number> {
    return until(`event ${action}`, () => {
      if (this.failure !== undefined) throw this.failure;
      return this.seen.find((one) => one.action.startsWith(action) && one.atMs >= ms)?.atMs;
    });
  }

  private take(line: string): void {
    const { Action, timeNano } = event.parse(JSON.parse(line));
    this.seen.push({ action: Action, atMs: timeNano / 1e6 });
  }

  [Symbol.dispose](): void {
    this.stream.destroy?.();
  }
}

const logLine = z.object({
  time: z.string().transform((text) => Date.parse(text)),
  message: z.string(),
  configHash: z.string().optional(),
  retired: z.boolean().optional(),
});
export type LogLine = z.infer<typeof logLine>;

/** What a service logged since then, its JSON lines; other lines are left out. */
export async function linesSince(docker: Docker, id: string, ms: number): Promise<LogLine[]> {
  const since = (ms / 1000).toFixed(3);
  const log = await docker.getContainer(id).logs({ stdout: true, since });
  const output = new PassThrough();
  docker.modem.demuxStream(
    Readable.from([log]).once("end", () => output.end()),
    output,
    output,
  );
  const lines: LogLine[] = [];
  for await (const line of createInterface({ input: output })) {
    const parsed = logLine.safeParse(jsonOf(line));
    if (parsed.success) lines.push(parsed.data);
  }
  return lines;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
