/** What a run's flags and variables say of what it is about, and how it goes about it. */
import { EXIT, Failure } from "../failure";
import type { Selection } from "../model";
import type { Flags } from "./flags";

/** What the run is about. @throws Failure for two answers to that */
export function selectionOf(flags: Flags): Required<Selection> {
  const targetReplaces = flags.list("target-replace");
  if (flags.list("target").length > 0 && flags.list("exclude").length > 0) {
    throw new Failure("--target and --exclude cannot be given together: name what to change, or what to leave alone");
  }
  return {
    targets: [...flags.list("target"), ...targetReplaces],
    targetDependents: flags.is("target-dependents"),
    excludes: flags.list("exclude"),
    excludeDependents: flags.is("exclude-dependents"),
    replaces: [...flags.list("replace"), ...targetReplaces],
  };
}

/** Of `up` and `destroy`; the others go on after an error anyway, or change nothing. */
export function continuesOnError(flags: Flags, kind: string): boolean {
  const byDefault = ["1", "true"].includes((process.env.PULUMI_CONTINUE_ON_ERROR ?? "").toLowerCase());
  return (kind === "update" || kind === "destroy") && (flags.choice("continue-on-error") ?? byDefault);
}

/** How many operations run at once. @throws Failure */
export function parallelOf(flags: Flags): number {
  return Math.max(1, flags.number("parallel") ?? parallelByDefault());
}

/** PULUMI_PARALLEL counts as the CLI counts it: from 1. @throws Failure */
function parallelByDefault(): number {
  const text = process.env.PULUMI_PARALLEL ?? "";
  if (text === "" || /^-?\d+$/.test(text)) return Number(text) >= 1 ? Number(text) : 16;
  throw new Failure(`PULUMI_PARALLEL is ${JSON.stringify(text)}; allowed is a whole number`, EXIT.usage);
}
