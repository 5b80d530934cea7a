import { ROOT_STACK_TYPE, type EngineEvent } from "../model";
import { ReportingDisplay } from "./display";
import { describeRow } from "./row-text";
import type { Row } from "./run-model";

/** A log for pipes and CI: one line when a step begins and one when it ends. */
export class PlainDisplay extends ReportingDisplay {
  private readonly printed = new Map<string, string>();

  onEvent(event: EngineEvent): void {
    const row = this.model.apply(event, this.now());
    if (row === undefined) return;
    const isDiagnostic = event.type === "diagnostic" || event.type === "program-output";
    if (isDiagnostic && (event.type === "program-output" || event.ephemeral !== true)) {
      if (event.type === "program-output" || event.severity !== "debug") this.printRow(row, false);
    } else if (event.type === "step-start" || event.type === "step-done" || event.type === "step-failed") {
      this.printRow(row, false);
    }
  }

  protected closeRows(): void {
    const { stack } = this.model;
    for (const row of this.model.rows.values()) {
      if (row.state === "running" && row !== stack) this.printRow(row, true);
    }
    if (stack !== undefined) this.printRow(stack, true);
    this.print([""]);
  }

  private printRow(row: Row, finished: boolean): void {
    const hidden =
      row.op === "same" && row.type !== ROOT_STACK_TYPE && row.state !== "failed" && row.diagnostics.length === 0;
    if (hidden || (row.internal && row.state !== "failed" && row.type !== ROOT_STACK_TYPE)) return;
    const text = describeRow(row, this.model, { now: this.now(), finished, terminal: false }, this.paint);
    const line = ` ${[text.prefix, text.type, text.name, text.status, text.info].filter((cell) => cell !== "").join(" ")}`;
    if (this.printed.get(row.urn) === line) return;
    this.printed.set(row.urn, line);
    this.print([line.trimEnd()]);
  }
}
