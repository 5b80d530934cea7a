/**
 * What can be done to a resource: one type for each step, named after the CLI's operations. Steps are data: the StepGenerator makes
 * them, the StepExecutor runs them.
 *
 * INVARIANTS
 * - A step begins only when every step in its `after` has ended well. If one of them fails, it does not begin.
 * - A step runs at most once, whoever asks for it: several registrations may wait for the same deletion.
 * - `after` is complete when a step is made and names only earlier steps, so there are no cycles.
 */
import type { PropertyChange, ResourceState, StepEvent } from "../model";
import { isInternal } from "./state";

/** A step failed and was reported, but the run goes on with what is independent of it. */
export class StepFailed extends Error {
  constructor() {
    super("the step failed");
    this.name = "StepFailed";
  }
}

interface Ordered {
  /** The steps that come before this one. */
  readonly after: readonly Step[];
}

/** Nothing to do but to take over what the program says now. */
export interface SameStep extends Ordered {
  readonly op: "same";
  readonly old: ResourceState;
  readonly next: ResourceState;
  /** It was imported by this run, and is counted as that. */
  readonly imported: boolean;
}

export interface CreateStep extends Ordered {
  readonly op: "create";
  readonly next: ResourceState;
  readonly changes: readonly PropertyChange[];
}

/** Makes what takes the place of another, which exists still, or is gone already. */
export interface CreateReplacementStep extends Ordered {
  readonly op: "create-replacement";
  readonly old: ResourceState;
  readonly next: ResourceState;
  readonly changes: readonly PropertyChange[];
}

export interface UpdateStep extends Ordered {
  readonly op: "update";
  readonly old: ResourceState;
  readonly next: ResourceState;
  readonly changes: readonly PropertyChange[];
}

/** Says that a replacement takes place. What it consists of are steps of their own. */
export interface ReplaceStep extends Ordered {
  readonly op: "replace";
  readonly old: ResourceState;
  readonly next: ResourceState;
  readonly changes: readonly PropertyChange[];
}

/** Deletes what is no longer wanted. */
export interface DeleteStep extends Ordered {
  readonly op: "delete";
  readonly old: ResourceState;
}

/** Deletes what was replaced, or is about to be. */
export interface DeleteReplacedStep extends Ordered {
  readonly op: "delete-replaced";
  readonly old: ResourceState;
  /** Its replacement comes after this step; until then it stays in the state, for the sake of what refers to it. */
  readonly makesRoom: boolean;
}

/** Removes from the state what was deleted for a replacement that nobody asks for any more. Not shown. */
export interface RemovePendingReplaceStep extends Ordered {
  readonly op: "remove-pending-replace";
  readonly old: ResourceState;
}

/** Takes what exists outside over into the state. Runs in previews too, which then know what there is to change. */
export interface ImportStep extends Ordered {
  readonly op: "import";
  readonly id: string;
  /** What the state has under this name: something else, which the imported one replaces. */
  readonly old: ResourceState | undefined;
  readonly next: ResourceState;
}

/** Looks at a resource that somebody else manages. Runs in previews too. */
export interface ReadStep extends Ordered {
  readonly op: "read";
  readonly old: ResourceState | undefined;
  readonly next: ResourceState;
}

/** Looks at a resource as it really is. The executor says what it found. */
export interface RefreshStep extends Ordered {
  readonly op: "refresh";
  readonly old: ResourceState;
  /** What it is now; undefined when it is gone. */
  next: ResourceState | undefined;
  changes: readonly PropertyChange[];
}

export type Step =
  | SameStep
  | CreateStep
  | CreateReplacementStep
  | UpdateStep
  | ReplaceStep
  | DeleteStep
  | DeleteReplacedStep
  | RemovePendingReplaceStep
  | ImportStep
  | ReadStep
  | RefreshStep;

/** The steps that are told to the listener. */
export type ShownStep = Exclude<Step, RemovePendingReplaceStep>;

/** A step as it is told to the listener: what is known of it now. */
export function stepEvent(step: ShownStep): StepEvent {
  const { op } = step;
  const old = "old" in step ? step.old : undefined;
  const next = "next" in step ? step.next : undefined;
  const subject = next ?? old;
  if (!subject) throw new Error(`a ${op} step without a resource`);
  return {
    op,
    urn: subject.urn,
    resourceType: subject.type,
    internal: isInternal(subject),
    ...(old ? { old: { ...old } } : {}),
    ...(next ? { new: { ...next } } : {}),
    changes: "changes" in step ? [...step.changes] : [],
  };
}
