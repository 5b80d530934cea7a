import type { EngineEvent } from "../model";
import { clamp, pad, strip } from "./colour";
import { ReportingDisplay } from "./display";
import { arrangeTree, describeRow } from "./row-text";
import { formatWhole } from "./step-text";

/** How often the tree is drawn anew. */
const FRAME_MS = 100;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/**
 * A tree of resources that is drawn over itself.
 *
 * INVARIANT: `drawn` is the number of lines of the last frame that are on the screen, and the cursor is at the start of the line below.
 */
export class LiveDisplay extends ReportingDisplay {
  private drawn = 0;
  private dirty = true;
  private drawnSecond = -1;
  private readonly startedAt = this.now();
  private timer: NodeJS.Timeout | undefined;
  private readonly showCursor = (): void => this.screen.write(SHOW_CURSOR);

  /** Starts drawing. Without this nothing is drawn before the end. */
  start(): this {
    this.screen.write(HIDE_CURSOR);
    process.once("exit", this.showCursor);
    this.timer = setInterval(() => this.draw(false), FRAME_MS);
    this.timer.unref();
    return this;
  }

  onEvent(event: EngineEvent): void {
    this.model.apply(event, this.now());
    this.dirty = true;
  }

  protected closeRows(): void {
    clearInterval(this.timer);
    this.draw(true);
    process.removeListener("exit", this.showCursor);
    this.screen.write(SHOW_CURSOR);
    this.print([""]);
  }

  /** Draws a frame; public for tests. */
  draw(finished: boolean): void {
    const second = Math.floor((this.now() - this.startedAt) / 1000);
    if (!this.dirty && second === this.drawnSecond && !finished) return;
    this.dirty = false;
    this.drawnSecond = second;
    const { columns, rows } = this.screen.size?.() ?? { columns: 120, rows: 40 };
    const lines = finished ? this.treeLines(true) : [...this.fit(this.treeLines(false), rows - 3), "", this.footer()];
    const up = this.drawn === 0 ? "" : `\u001b[${this.drawn}A`;
    const body = lines.map((line) => `\u001b[2K${clamp(line, columns - 1)}\n`).join("");
    this.screen.write(`${up}${body}\u001b[0J`);
    this.drawn = finished ? 0 : lines.length;
  }

  private treeLines(finished: boolean): string[] {
    const moment = { now: this.now(), finished, terminal: true };
    const cells = arrangeTree(this.model.visibleRows()).map(({ row, branch }) => {
      const text = describeRow(row, this.model, moment, this.paint);
      return [text.prefix, branch + text.type, text.name, text.status, text.info];
    });
    const table = [["  ", "Type", "Name", this.model.isPreview ? "Plan" : "Status", "Info"], ...cells];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => strip(row[column] ?? "").length)));
    return table.map((row, index) => {
      const line = row
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join("  ")
        .trimEnd();
      return ` ${index === 0 ? this.paint("headline", line) : line}`;
    });
  }

  /** Of a tree that is higher than the screen, the end is shown: that is where things happen. */
  private fit(lines: string[], height: number): string[] {
    if (lines.length <= height) return lines;
    const [header = "", ...rest] = lines;
    const kept = Math.max(1, height - 2);
    return [header, this.paint("dim", ` … ${rest.length - kept} more above`), ...rest.slice(-kept)];
  }

  private footer(): string {
    const rows = [...this.model.rows.values()].filter(({ internal }) => !internal);
    const of = (state: string): number => rows.filter((row) => row.state === state).length;
    const failed = of("failed") === 0 ? "" : `, ${of("failed")} failed`;
    const elapsed = formatWhole((this.now() - this.startedAt) / 1000);
    return this.paint("dim", ` ${of("done")} done, ${of("running")} running${failed}, ${elapsed}`);
  }
}
