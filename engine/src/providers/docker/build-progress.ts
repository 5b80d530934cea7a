/** Follows the events of a build, of either builder: progress lines as it goes, the failing step's output at the end. */
import { z } from "zod";
import { decodeTrace } from "./buildkit-trace";

const KEPT_LINES = 30;
// The classic builder colours what a step printed to stderr.
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;

const buildEvent = z.object({
  id: z.string().optional(),
  stream: z.string().optional(),
  error: z.string().optional(),
  aux: z.unknown(),
});

export class BuildProgress {
  /** The last lines of each step's output, by digest; the classic builder has one step at a time, "". */
  private readonly output = new Map<string, string[]>();
  private readonly shown = new Set<string>();
  private readonly names = new Map<string, string>();
  private failedStep = "";
  private current = "";
  private failure: string | undefined;

  constructor(private readonly show: (line: string) => void) {}

  /** @param event one parsed line of the build's answer */
  take(event: unknown): void {
    const parsed = buildEvent.safeParse(event);
    if (!parsed.success) return;
    const { id, stream, error, aux } = parsed.data;
    if (error !== undefined) this.failure = error;
    if (id === "moby.buildkit.trace" && typeof aux === "string") this.takeTrace(aux);
    if (stream !== undefined) this.takeStream(stream);
  }

  private takeTrace(base64: string): void {
    const { steps, logs } = decodeTrace(base64);
    for (const step of steps) {
      if (step.name !== "") this.names.set(step.digest, step.name);
      const name = this.names.get(step.digest) ?? "";
      if (step.error !== "") this.failedStep = step.digest;
      const internal = name === "" || name === "copy /context /" || name.startsWith("[internal]");
      if (step.started && !internal && !this.shown.has(step.digest)) {
        this.shown.add(step.digest);
        this.show(step.cached ? `${name} (cached)` : name);
      }
    }
    for (const log of logs) this.keep(log.step, log.text);
  }

  private takeStream(text: string): void {
    const step = /^Step \d+\/\d+ : .*/.exec(text);
    if (step !== null) {
      this.current = text.trim();
      this.names.set(this.current, this.current);
      this.failedStep = this.current;
      this.show(this.current);
    } else {
      this.keep(this.current, text);
    }
  }

  private keep(step: string, text: string): void {
    const lines = this.output.get(step) ?? [];
    // A carriage return is a progress bar drawing over itself: its last form counts.
    const added = text
      .replace(COLOURS, "")
      .split("\n")
      .map((line) => line.replace(/\r+$/, "").split("\r").at(-1) ?? "");
    lines.push(...added.filter((line) => line.trim() !== ""));
    this.output.set(step, lines.slice(-KEPT_LINES));
  }

  /** @returns what went wrong, with the failing step and its last lines; undefined when nothing did. */
  problem(): string | undefined {
    if (this.failure === undefined) return undefined;
    const name = this.names.get(this.failedStep);
    const lines = this.output.get(this.failedStep) ?? [];
    return [
      this.failure.trim(),
      ...(name === undefined ? [] : [`step: ${name}`]),
      ...(lines.length > 0 ? [`its last lines:\n  ${lines.join("\n  ")}`] : []),
    ].join("\n");
  }
}
