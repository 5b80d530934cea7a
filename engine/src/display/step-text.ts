import type { StepOp } from "../model";
import type { Look } from "./colour";

interface OpText {
  /** As the CLI marks it. */
  readonly prefix: string;
  readonly look: Look | undefined;
  readonly preview: string;
  readonly running: string;
  readonly done: string;
  readonly failed: string;
  /** Of the summary: "+ 2 created". */
  readonly past: string;
}

/** The CLI's words (pkg/backend/display/progress.go, pkg/resource/deploy/step.go). */
const TEXTS: Record<StepOp, OpText> = {
  same: { prefix: "  ", look: undefined, preview: "", running: "", done: "", failed: "failed", past: "unchanged" },
  create: {
    prefix: "+ ",
    look: "create",
    preview: "create",
    running: "creating",
    done: "created",
    failed: "creating failed",
    past: "created",
  },
  update: {
    prefix: "~ ",
    look: "update",
    preview: "update",
    running: "updating",
    done: "updated",
    failed: "updating failed",
    past: "updated",
  },
  delete: {
    prefix: "- ",
    look: "delete",
    preview: "delete",
    running: "deleting",
    done: "deleted",
    failed: "deleting failed",
    past: "deleted",
  },
  replace: {
    prefix: "+-",
    look: "replace",
    preview: "replace",
    running: "replacing",
    done: "replaced",
    failed: "replacing failed",
    past: "replaced",
  },
  "create-replacement": {
    prefix: "++",
    look: "create",
    preview: "create replacement",
    running: "creating replacement",
    done: "created replacement",
    failed: "creating failed",
    past: "created replacement",
  },
  "delete-replaced": {
    prefix: "--",
    look: "delete",
    preview: "delete original",
    running: "deleting original",
    done: "deleted original",
    failed: "deleting failed",
    past: "deleted original",
  },
  read: {
    prefix: "> ",
    look: "read",
    preview: "read",
    running: "reading",
    done: "read",
    failed: "reading failed",
    past: "read",
  },
  import: {
    prefix: "= ",
    look: "create",
    preview: "import",
    running: "importing",
    done: "imported",
    failed: "importing failed",
    past: "imported",
  },
  refresh: {
    prefix: "~ ",
    look: "update",
    preview: "refresh",
    running: "refreshing",
    done: "refresh",
    failed: "refreshing failed",
    past: "refreshed",
  },
};

/** In which order the summary counts. */
export const OPS = Object.keys(TEXTS) as StepOp[];

/** What a refresh may find of a resource that is not as it was left. */
export type Found = "gone" | "changed";

/** @param found what a refresh that is over has found: marked as a deletion or an update is, but nothing was done here */
export function textsOf(op: StepOp, found?: Found): OpText {
  if (op !== "refresh" || found === undefined) return TEXTS[op];
  const { prefix, look } = TEXTS[found === "gone" ? "delete" : "update"];
  return { ...TEXTS.refresh, prefix, look, preview: found, done: found };
}

/** Whether a run with these counts changed, or would change, anything. */
export function hasChanges(counts: Partial<Record<StepOp, number>>): boolean {
  return OPS.some((op) => !["same", "read", "refresh"].includes(op) && (counts[op] ?? 0) > 0);
}

/** `1.2s`, `14s`, `2m5s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(2)}s`;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  return formatWhole(seconds);
}

/** `0s`, `14s`, `2m5s`. */
export function formatWhole(seconds: number): string {
  const whole = Math.floor(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${whole % 60}s`;
}

/** The type as the CLI shows it: `docker:index/container:Container` is `docker:index:Container`. */
export function shortType(type: string): string {
  const [pkg = "", module = "", name = "", ...rest] = type.split(":");
  const slash = module.lastIndexOf("/");
  const camel = name.charAt(0).toLowerCase() + name.slice(1);
  if (rest.length > 0 || name === "" || slash < 0 || module.slice(slash + 1) !== camel) return type;
  return `${pkg}:${module.slice(0, slash)}:${name}`;
}

/** The name at the end of a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The type in a URN, without its parents' types. */
export function typeOf(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}
