import {
  ROOT_STACK_TYPE,
  type DeploymentSummary,
  type EngineEvent,
  type PropertyChange,
  type StepEvent,
  type StepOp,
} from "../model";
import type { JsonObject } from "../provider";
import { nameOf, typeOf, type Found } from "./step-text";

export interface Diagnostic {
  readonly severity: "debug" | "info" | "warning" | "error";
  /** Said by the program itself, on stdout or stderr: shown without a prefix. */
  readonly fromProgram: boolean;
  readonly message: string;
}

/** One resource of a run, as a display shows it. */
export interface Row {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  parent: string;
  op: StepOp;
  state: "waiting" | "running" | "done" | "failed";
  /** Not counted, and shown only when it has something to say. */
  internal: boolean;
  /** Milliseconds, of the clock that the model is given. */
  startedAt: number;
  seconds: number;
  changes: PropertyChange[];
  /** What a refresh found: that somebody else removed it, or changed it. */
  found?: Found | undefined;
  /** The latest passing remark about it. */
  note: string;
  diagnostics: Diagnostic[];
  before?: StepEvent["old"];
  after?: StepEvent["new"];
}

/** What a display knows of a run. It only listens: the same events always give the same model. */
export class RunModel {
  readonly rows = new Map<string, Row>();
  /** Diagnostics about no resource in particular. */
  readonly diagnostics: Diagnostic[] = [];
  stackOutputs: JsonObject | undefined;
  summary: DeploymentSummary | undefined;
  private stackUrn = "";

  constructor(
    readonly kind: DeploymentSummary["kind"],
    /** Whether the run only shows what would be done. */
    readonly isPreview: boolean,
    /** What the stack's own row is called until its resource registers: `<project>-<stack>`. */
    private readonly stackName: string,
  ) {}

  /** The row of the stack itself. */
  get stack(): Row | undefined {
    return this.rows.get(this.stackUrn);
  }

  /** Takes an event in. @returns the row that it is about. */
  apply(event: EngineEvent, now: number): Row | undefined {
    switch (event.type) {
      case "step-start":
        return this.startStep(event.step, now);
      case "step-done":
        return this.endStep(event.step, event.seconds, "done", now);
      case "step-failed":
        return this.failStep(event.step, event.seconds, event.message, now);
      case "outputs":
        return this.takeOutputs(event.urn, event.outputs);
      case "diagnostic":
        return this.takeDiagnostic(event);
      case "program-output":
        return this.say(this.stack, { severity: "info", fromProgram: true, message: event.line });
      case "summary":
        this.summary = event.summary;
        return undefined;
      case "prelude":
        return undefined;
    }
  }

  /** The rows that a reader wants to see, in order of appearance, with what they stand under. */
  visibleRows(): Row[] {
    const visible = new Set<Row>();
    for (const row of this.rows.values()) {
      let shown: Row | undefined = isVisible(row) ? row : undefined;
      for (; shown !== undefined && !visible.has(shown); shown = this.rows.get(shown.parent)) visible.add(shown);
    }
    return [...this.rows.values()].filter((row) => visible.has(row));
  }

  private startStep(step: StepEvent, now: number): Row {
    const row = this.rowOf(step, now);
    row.state = "running";
    row.startedAt = now;
    return row;
  }

  private endStep(step: StepEvent, seconds: number, state: "done" | "failed", now: number): Row {
    const row = this.rowOf(step, now);
    row.state = state;
    row.seconds = seconds;
    row.note = "";
    if (step.op === "refresh" && state === "done") {
      row.found = step.new === undefined ? "gone" : step.changes.length > 0 ? "changed" : undefined;
      // Found as it should be: no more to see than of any other resource that stays.
      if (row.found === undefined) row.op = "same";
    }
    return row;
  }

  private failStep(step: StepEvent, seconds: number, message: string, now: number): Row {
    const row = this.endStep(step, seconds, "failed", now);
    if (message !== "") this.say(row, { severity: "error", fromProgram: false, message });
    return row;
  }

  private rowOf(step: StepEvent, now: number): Row {
    const row = this.rowFor(step.urn, step.resourceType, now);
    // A replacement is three steps; its diff comes with one of them and stays.
    if (step.changes.length > 0 || row.op !== step.op) row.changes = pickChanges(row, step);
    row.op = step.op;
    row.internal = step.internal;
    row.parent = step.new?.parent ?? step.old?.parent ?? row.parent;
    row.before = step.old ?? row.before;
    row.after = step.new ?? row.after;
    return row;
  }

  private rowFor(urn: string, type: string, now: number): Row {
    const known = this.rows.get(urn);
    if (known !== undefined) return known;
    const row: Row = {
      urn,
      type,
      name: nameOf(urn),
      parent: "",
      op: "same",
      state: "waiting",
      internal: false,
      startedAt: now,
      seconds: 0,
      changes: [],
      note: "",
      diagnostics: [],
    };
    this.rows.set(urn, row);
    if (type === ROOT_STACK_TYPE) {
      this.stackUrn = urn;
      // What was said before the stack registered belongs to it.
      row.diagnostics.push(...this.diagnostics.splice(0));
    }
    return row;
  }

  private takeOutputs(urn: string, outputs: JsonObject): Row | undefined {
    const row = this.rows.get(urn);
    if (typeOf(urn) === ROOT_STACK_TYPE) this.stackOutputs = outputs;
    return row;
  }

  private takeDiagnostic(event: Extract<EngineEvent, { type: "diagnostic" }>): Row | undefined {
    const { severity, message, urn, ephemeral } = event;
    const row = urn === "" ? this.stack : this.rowFor(urn, typeOf(urn), 0);
    if (ephemeral === true) {
      if (row !== undefined) row.note = message;
      return row;
    }
    return this.say(row, { severity, fromProgram: false, message });
  }

  private say(row: Row | undefined, diagnostic: Diagnostic): Row | undefined {
    const said = row?.diagnostics ?? this.diagnostics;
    // A failure comes twice, as the step's and as a message; a program may well print a line twice.
    const isRepeated = said.some(({ severity, message }) => severity === "error" && message === diagnostic.message);
    if (diagnostic.severity !== "error" || !isRepeated) said.push(diagnostic);
    return row;
  }

  /** How the run is called in the stack's row before its resource is known. */
  get title(): string {
    return this.stack?.name ?? this.stackName;
  }
}

function pickChanges(row: Row, step: StepEvent): PropertyChange[] {
  const replacing = ["replace", "create-replacement", "delete-replaced"];
  if (step.changes.length > 0 || !replacing.includes(step.op)) return step.changes;
  return replacing.includes(row.op) ? row.changes : step.changes;
}

function isVisible(row: Row): boolean {
  if (row.type === ROOT_STACK_TYPE) return true;
  const speaks = row.diagnostics.some(({ severity }) => severity !== "debug") || row.state === "failed";
  if (row.internal) return speaks;
  return row.op !== "same" || speaks;
}
