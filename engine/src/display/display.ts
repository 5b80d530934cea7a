import type { DeploymentKind, EngineEvent } from "../model";
import { ansiPaint, plainPaint, type Paint } from "./colour";
import { changesSection, detailsSection, diagnosticsSection, outputsSection, summarySection } from "./report-text";
import { RunModel } from "./run-model";

/** Shows one run. */
export interface Display {
  /** For `onEvent` of a deployment. */
  onEvent(event: EngineEvent): void;
  /** Tells the end: diagnostics, outputs, counts. Also after an error. */
  finish(): void;
  /** Everything that the run would do, by property; for the answer "details". */
  details(): string;
}

/** Where a display writes: process.stdout, or a test's buffer. */
export interface Screen {
  write(text: string): void;
  /** Undefined: not a terminal. */
  readonly size: (() => { columns: number; rows: number }) | undefined;
  readonly colour: boolean;
}

export interface DisplayOptions {
  readonly kind: DeploymentKind;
  /** Only shows what would be done; of kind "preview" always so. */
  readonly preview: boolean;
  readonly project: string;
  readonly stack: string;
  readonly programFolder: string;
  readonly showSecrets: boolean;
  /** Show the diff by property under the rows. @default for a preview */
  readonly diff: boolean;
  readonly debug: boolean;
  readonly suppressOutputs: boolean;
  /** Milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** What the displays for people have in common: the model, and the report at the end. */
export abstract class ReportingDisplay implements Display {
  protected readonly model: RunModel;
  protected readonly paint: Paint;

  constructor(
    protected readonly screen: Screen,
    protected readonly options: DisplayOptions,
  ) {
    this.model = new RunModel(options.kind, options.preview, `${options.project}-${options.stack}`);
    this.paint = screen.colour ? ansiPaint : plainPaint;
  }

  abstract onEvent(event: EngineEvent): void;
  protected abstract closeRows(): void;

  finish(): void {
    this.closeRows();
    const { model, paint, options } = this;
    const { summary } = model;
    this.print([
      ...(options.diff ? changesSection(model, paint) : []),
      ...diagnosticsSection(model, paint, options.programFolder, options.debug),
      ...(options.suppressOutputs ? [] : outputsSection(model, paint, options.showSecrets)),
      ...(summary === undefined ? [] : summarySection(summary, model.isPreview, paint)),
    ]);
  }

  details(): string {
    return `${detailsSection(this.model, this.paint).join("\n")}\n`;
  }

  protected now(): number {
    return (this.options.clock ?? Date.now)();
  }

  protected print(lines: readonly string[]): void {
    if (lines.length > 0) this.screen.write(`${lines.join("\n")}\n`);
  }
}
