/** The log of decisions: one JSON object a line, in a file beside the state. `plot` draws it. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Decision, Samples } from "./model";

/** At this size the file becomes FILE.1, and what was there goes. */
const MOST_BYTES = 8 * 2 ** 20;

/** `at` is the wall clock's, for people, and for a look back after a restart. */
export type Entry =
  | { kind: "begin" | "end"; at: number; dryRun: boolean }
  | { kind: "waiting"; at: number; why: string }
  | ({ kind: "decision"; at: number; samples: Samples; acts: boolean } & Decision)
  | {
      kind: "up";
      at: number;
      from: number;
      to: number;
      seconds: number;
      outcome: "done" | "failed" | "busy";
      /** The end of what a failed one said. */
      said?: string;
    };

export class Journal {
  /** The last line may be half there: the disk was full. */
  private isTorn = false;

  constructor(readonly file: string) {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  }

  /** @throws Error when the file cannot be written */
  write({ at, ...entry }: Entry): void {
    const size = fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MOST_BYTES) fs.renameSync(this.file, `${this.file}.1`);
    const line = `${JSON.stringify({ time: new Date(at).toISOString(), ...entry })}\n`;
    try {
      fs.appendFileSync(this.file, this.isTorn ? `\n${line}` : line, { mode: 0o600 });
      this.isTorn = false;
    } catch (error) {
      this.isTorn = true;
      throw error;
    }
  }

  /** Everything that is there, oldest first. A line that a crash cut short is left out. */
  read(): Entry[] {
    return [`${this.file}.1`, this.file]
      .flatMap((file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : []))
      .flatMap((line) => {
        try {
          const { time, ...entry } = JSON.parse(line) as { time: string };
          return [{ at: Date.parse(time), ...entry } as Entry];
        } catch {
          return [];
        }
      });
  }
}
