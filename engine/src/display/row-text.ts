import { ROOT_STACK_TYPE, type StepOp } from "../model";
import type { Paint } from "./colour";
import type { Row, RunModel } from "./run-model";
import { formatSeconds, formatWhole, shortType, textsOf } from "./step-text";
import { showsChanges, summarizeChanges } from "./value-text";

/** One row's cells. */
export interface RowText {
  readonly prefix: string;
  readonly type: string;
  readonly name: string;
  readonly status: string;
  readonly info: string;
}

/** How far the run is when a row is drawn. */
export interface Moment {
  /** Milliseconds, of the model's clock. */
  readonly now: number;
  readonly finished: boolean;
  /** On a terminal a replacement is one line; in a log each of its steps is. */
  readonly terminal: boolean;
}

export function describeRow(row: Row, model: RunModel, moment: Moment, paint: Paint): RowText {
  const op = shownOp(row, model, moment);
  const { prefix, look } = textsOf(op, row.found);
  const painted = (text: string): string => (look === undefined ? text : paint(look, text));
  return {
    prefix: painted(prefix),
    type: shortType(row.type),
    name: row.name,
    status:
      row.state === "failed"
        ? paint("error", `**${statusOf(row, op, model, moment)}**`)
        : painted(statusOf(row, op, model, moment)),
    info: infoOf(row, op, moment, paint),
  };
}

/** The three steps of a replacement are one "replace" in a preview, and when all of them are done. */
function shownOp(row: Row, model: RunModel, moment: Moment): StepOp {
  const part = row.op === "create-replacement" || row.op === "delete-replaced";
  const whole = moment.terminal && row.state !== "failed" && (model.isPreview || moment.finished);
  return part && whole ? "replace" : row.op;
}

function statusOf(row: Row, op: StepOp, model: RunModel, moment: Moment): string {
  const texts = textsOf(op, row.found);
  const isStack = row.type === ROOT_STACK_TYPE;
  if (row.state === "failed") return `${texts.failed}${timing(formatSeconds(row.seconds))}`;
  if (isStack && op === "same" && !moment.finished) return "running";
  if (model.isPreview) return texts.preview;
  if (row.state === "done") return texts.done === "" ? "" : `${texts.done}${timing(formatSeconds(row.seconds))}`;
  if (row.state === "waiting") return "";
  // A run that ended while this was going on: it may or may not have happened.
  if (moment.finished) return isStack ? texts.done : `${texts.running} (interrupted)`;
  return `${texts.running}${timing(formatWhole((moment.now - row.startedAt) / 1000))}`;
}

function timing(text: string): string {
  return ` (${text})`;
}

function infoOf(row: Row, op: StepOp, moment: Moment, paint: Paint): string {
  const parts: string[] = [];
  if (showsChanges(op)) parts.push(summarizeChanges(row.changes, paint));
  if (moment.finished) {
    parts.push(count(row, "error", paint), count(row, "warning", paint), count(row, "info", paint));
  } else if (row.note !== "") {
    parts.push(firstLine(row.note));
  } else {
    const last = row.diagnostics.filter(({ severity }) => severity !== "debug").at(-1);
    if (last !== undefined) {
      const look = last.severity === "error" ? "error" : "warning";
      parts.push(
        firstLine(
          last.fromProgram || last.severity === "info"
            ? last.message
            : `${paint(look, `${last.severity}:`)} ${last.message}`,
        ),
      );
    }
  }
  return parts.filter((part) => part !== "").join("; ");
}

function count(row: Row, severity: "error" | "warning" | "info", paint: Paint): string {
  const found = row.diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  if (found === 0) return "";
  const name = severity === "info" ? "message" : severity;
  const text = `${found} ${name}${found === 1 ? "" : "s"}`;
  return severity === "info" ? text : paint(severity, text);
}

function firstLine(text: string): string {
  return text.trimStart().split("\n")[0] ?? "";
}

/** Rows under their parents, with the lines of a tree before each type. Rows whose parent is not shown hang from the stack. */
export function arrangeTree(rows: readonly Row[]): { row: Row; branch: string }[] {
  const shown = new Set(rows.map(({ urn }) => urn));
  const root = rows.find(({ type }) => type === ROOT_STACK_TYPE);
  const childrenOf = (parent: Row | undefined): Row[] =>
    rows.filter((row) => row !== root && parentOf(row, shown, root) === parent?.urn);
  const arranged: { row: Row; branch: string }[] = [];
  const place = (row: Row, branch: string, indent: string): void => {
    arranged.push({ row, branch });
    placeAll(childrenOf(row), indent);
  };
  const placeAll = (children: Row[], indent: string): void => {
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1;
      place(child, `${indent}${last ? "└─ " : "├─ "}`, `${indent}${last ? "   " : "│  "}`);
    }
  };
  if (root !== undefined) place(root, "", "");
  else placeAll(childrenOf(undefined), "");
  return arranged;
}

function parentOf(row: Row, shown: ReadonlySet<string>, root: Row | undefined): string | undefined {
  return shown.has(row.parent) && row.parent !== row.urn ? row.parent : root?.urn;
}
