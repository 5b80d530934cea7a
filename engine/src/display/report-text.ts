import * as path from "node:path";

import type { DeploymentSummary } from "../model";
import type { Json, JsonObject } from "../provider";
import { strip, type Paint } from "./colour";
import type { Diagnostic, Row, RunModel } from "./run-model";
import { formatWhole, OPS, shortType, textsOf } from "./step-text";
import { renderChange, renderValue, showsChanges } from "./value-text";

/** What a run's end is told with; each section is a list of lines and may be empty. */
export function changesSection(model: RunModel, paint: Paint): string[] {
  const changed = [...model.rows.values()].filter((row) => tellsChanges(row) && !row.internal);
  if (changed.length === 0) return [];
  const lines = changed.flatMap((row) => [
    `  ${heading(row)}:`,
    ...row.changes.flatMap((change) => renderChange(change, paint, "    ")),
  ]);
  return [paint("headline", "Changes:"), ...lines, ""];
}

/** Whether what changes is worth telling: of a replacement whichever of its steps was the last. */
function tellsChanges(row: Row): boolean {
  return row.changes.length > 0 && (showsChanges(row.op) || isReplaced(row));
}

/** Create-first, the last step of a replacement is the deletion of the original. */
function isReplaced({ op }: Row): boolean {
  return op === "delete-replaced";
}

/** Everything that a run would do, by property: the answer to "details". */
export function detailsSection(model: RunModel, paint: Paint): string[] {
  const rows = [...model.rows.values()].filter((row) => row.op !== "same" && !row.internal);
  return rows.flatMap((row) => {
    const { prefix, look, preview } = textsOf(tellsChanges(row) && isReplaced(row) ? "replace" : row.op, row.found);
    const title = `${prefix}${row.type}: (${preview})`;
    const lines = tellsChanges(row)
      ? row.changes.flatMap((change) => renderChange(change, paint, "      "))
      : propertiesOf(row);
    return [look === undefined ? title : paint(look, title), `    [urn=${row.urn}]`, ...lines];
  });
}

function propertiesOf(row: Row): string[] {
  const inputs = (row.op === "delete" || row.found === "gone" ? row.before : row.after)?.inputs ?? {};
  const keys = Object.keys(inputs).filter((key) => !key.startsWith("__"));
  return keys.sort().flatMap((key) => `    ${key}: ${renderValue(inputs[key], false, "    ")}`.split("\n"));
}

/** Diagnostics, grouped by resource. */
export function diagnosticsSection(model: RunModel, paint: Paint, programFolder: string, debug: boolean): string[] {
  const groups: [string, Diagnostic[]][] = [
    [`pulumi:pulumi:Stack (${model.title})`, model.diagnostics],
    ...[...model.rows.values()].map((row): [string, Diagnostic[]] => [heading(row), row.diagnostics]),
  ];
  const lines = groups.flatMap(([title, diagnostics]) => {
    const shown = diagnostics.filter(({ severity }) => debug || severity !== "debug");
    const body = shown.flatMap((diagnostic) => diagnosticLines(diagnostic, paint, programFolder));
    return body.length === 0 ? [] : [`  ${title}:`, ...body, ""];
  });
  return lines.length === 0 ? [] : [paint("headline", "Diagnostics:"), ...lines];
}

function diagnosticLines(
  { severity, fromProgram, message }: Diagnostic,
  paint: Paint,
  programFolder: string,
): string[] {
  const lines = trimTrace(message, programFolder)
    .split("\n")
    .map((line) => `    ${line}`.trimEnd());
  if (fromProgram || severity === "info") return lines;
  const [first = "", ...rest] = lines;
  const look = severity === "error" ? "error" : severity === "warning" ? "warning" : "dim";
  return [`    ${paint(look, `${severity}:`)} ${first.slice(4)}`, ...rest];
}

const FRAME = /^\s+at /;
const FOREIGN_FRAME = /node_modules[\\/]|\(node:|at node:|at <anonymous>|\(<anonymous>|\(native\)/;

/** Leaves out the frames of a stack trace that are not the user's, and shortens the paths of those that are; without Node's own colours. */
export function trimTrace(message: string, programFolder: string): string {
  const lines = strip(message).replace(/\s+$/, "").split("\n");
  const kept = lines.filter((line) => !FRAME.test(line) || !FOREIGN_FRAME.test(line));
  return kept.map((line) => (FRAME.test(line) ? line.split(programFolder + path.sep).join("") : line)).join("\n");
}

/** The stack's outputs, with what became of each; secrets blinded. */
export function outputsSection(model: RunModel, paint: Paint, showSecrets: boolean): string[] {
  const { stackOutputs: after } = model;
  const before = model.stack?.before?.outputs ?? {};
  if (model.kind === "destroy") return removedOutputs(before, paint, showSecrets);
  if (after === undefined) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  if (names.length === 0) return [];
  const width = Math.max(...names.map((name) => name.length));
  // A preview tells only what would change.
  const told = names.filter((name) => !model.isPreview || !isSame(before[name], after[name]));
  if (told.length === 0) return [];
  const lines = told.map((name) => outputLine(name.padEnd(width), before[name], after[name], paint, showSecrets));
  return [paint("headline", "Outputs:"), ...lines, ""];
}

function isSame(before: Json | undefined, after: Json | undefined): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

function removedOutputs(before: JsonObject, paint: Paint, showSecrets: boolean): string[] {
  const names = Object.keys(before).sort();
  if (names.length === 0) return [];
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => outputLine(name.padEnd(width), before[name], undefined, paint, showSecrets));
  return [paint("headline", "Outputs:"), ...lines, ""];
}

function outputLine(
  name: string,
  before: Json | undefined,
  after: Json | undefined,
  paint: Paint,
  show: boolean,
): string {
  const text = (value: Json | undefined): string => renderValue(value, show, "    ");
  if (after === undefined) return paint("delete", `  - ${name}: ${text(before)}`);
  if (before === undefined) return paint("create", `  + ${name}: ${text(after)}`);
  if (isSame(before, after)) return `    ${name}: ${text(after)}`;
  return paint("update", `  ~ ${name}: ${text(before)} => ${text(after)}`);
}

/** Counts and duration. */
export function summarySection(summary: DeploymentSummary, isPreview: boolean, paint: Paint): string[] {
  const to = isPreview ? "to " : "";
  const changed = OPS.filter((op) => !["same", "read", "refresh"].includes(op) && (summary.counts[op] ?? 0) > 0);
  const lines = changed.map((op) => {
    const { prefix, past, look } = textsOf(op);
    const text = `${prefix}${prefix.endsWith(" ") ? "" : " "}${summary.counts[op] ?? 0} ${to}${to === "" ? past : op}`;
    return `    ${look === undefined ? text : paint(look, text)}`;
  });
  const total = changed.reduce((sum, op) => sum + (summary.counts[op] ?? 0), 0);
  const same = summary.counts.same ?? 0;
  const rest = [
    ...(changed.length > 1 ? [paint("bold", `${total} changes`)] : []),
    ...(same > 0 ? [`${same} unchanged`] : []),
  ];
  if (rest.length > 0) lines.push(`    ${rest.join(". ")}`);
  if (summary.interrupted) lines.push(`    ${paint("error", "interrupted")}`);
  if (lines.length === 0) lines.push("    no changes");
  return [
    paint("headline", "Resources:"),
    ...lines,
    "",
    `${paint("headline", "Duration:")} ${formatWhole(summary.seconds)}`,
  ];
}

function heading(row: Row): string {
  return `${shortType(row.type)} (${row.name})`;
}
