import {
  ARCHIVE,
  ASSET,
  OUTPUT_VALUE,
  RESOURCE_REFERENCE,
  SECRET,
  SIGNATURE,
  type PropertyChange,
  type StepOp,
} from "../model";
import { UNKNOWN, type Json, type JsonObject } from "../provider";
import { BLINDED, isObject } from "../state/properties";
import type { Look, Paint } from "./colour";
import { textsOf } from "./step-text";

/** Longer strings are cut, so that a diff of an uploaded file stays readable. */
const LONGEST_STRING = 300;
/** A list or map is put on one line up to this length. */
const LONGEST_LINE = 80;

/** A value as people read it, on several lines when it must be; secrets never. */
export function renderValue(value: Json | undefined, showSecrets = false, indent = ""): string {
  if (value === undefined || value === null) return "<null>";
  if (value === UNKNOWN) return "[unknown]";
  if (typeof value === "string") return renderString(value);
  if (typeof value !== "object") return String(value);
  const special = isObject(value) ? renderSpecial(value, showSecrets, indent) : undefined;
  if (special !== undefined) return special;
  const inner = `${indent}    `;
  const parts = Array.isArray(value)
    ? value.map((item) => renderValue(item, showSecrets, inner))
    : renderFields(value, showSecrets, inner);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  const line = `${open}${parts.join(", ")}${close}`;
  if (line.length <= LONGEST_LINE && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part}`).join("\n")}\n${indent}${close}`;
}

function renderFields(object: JsonObject, showSecrets: boolean, indent: string): string[] {
  const keys = Object.keys(object).sort();
  return keys.map((key) => `${key}: ${renderValue(object[key], showSecrets, indent)}`);
}

function renderString(text: string): string {
  const cut = text.length > LONGEST_STRING ? `${text.slice(0, LONGEST_STRING)}…` : text;
  return JSON.stringify(cut);
}

function renderSpecial(value: JsonObject, showSecrets: boolean, indent: string): string | undefined {
  switch (value[SIGNATURE]) {
    case SECRET:
      return showSecrets ? renderValue(value.value, showSecrets, indent) : BLINDED;
    case OUTPUT_VALUE:
      if (value.secret === true && !showSecrets) return BLINDED;
      return value.value === undefined ? "[unknown]" : renderValue(value.value, showSecrets, indent);
    case RESOURCE_REFERENCE:
      return typeof value.urn === "string" ? value.urn : "[resource]";
    case ASSET:
      return "[asset]";
    case ARCHIVE:
      return "[archive]";
    default:
      return undefined;
  }
}

const KINDS: Record<PropertyChange["kind"], { op: "create" | "update" | "delete"; replaces: boolean }> = {
  add: { op: "create", replaces: false },
  "add-replace": { op: "create", replaces: true },
  delete: { op: "delete", replaces: false },
  "delete-replace": { op: "delete", replaces: true },
  update: { op: "update", replaces: false },
  "update-replace": { op: "update", replaces: true },
};

/** The lines of one changed property: `~ replicas: 2 => 5`. */
export function renderChange(change: PropertyChange, paint: Paint, indent: string): string[] {
  const { op, replaces } = KINDS[change.kind];
  const { prefix, look } = textsOf(op);
  const inner = `${indent}  `;
  const before = renderValue(change.before, false, inner);
  const after = renderValue(change.after, false, inner);
  const isHidden = change.before === undefined && change.after === undefined;
  const both = isHidden ? "[diff hidden]" : `${before} => ${after}`;
  const values = isHidden || op === "update" ? both : op === "create" ? after : before;
  const note = replaces ? " (requires replacement)" : "";
  const text = `${indent}${prefix}${change.path}: ${values}${note}`;
  return text.split("\n").map((line) => paint(look ?? "update", line));
}

/** `[diff: +labels,~envs]`: the top-level properties that change. */
export function summarizeChanges(changes: readonly PropertyChange[], paint: Paint): string {
  if (changes.length === 0) return "";
  const groups = (["create", "delete", "update"] as const).map((op) => {
    const paths = changes.filter(({ kind }) => KINDS[kind].op === op).map(({ path }) => topLevel(path));
    const names = [...new Set(paths)].sort();
    const look: Look = textsOf(op).look ?? "update";
    return names.length === 0 ? "" : paint(look, textsOf(op).prefix.trim() + names.join(","));
  });
  return `[diff: ${groups.join("")}]`;
}

/** Whether an op's changes are news: of a creation everything is new, of a deletion everything goes. */
export function showsChanges(op: StepOp): boolean {
  return op === "update" || op === "replace" || op === "create-replacement" || op === "refresh";
}

function topLevel(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
