/** The last phase: what the program no longer wants is deleted, dependents first, side by side where nothing depends. */
import type { ResourceState } from "../model";
import type { Run } from "./run";
import { inDependencyOrder } from "./snapshot";
import { referencesOf } from "./state";
import type { Step } from "./step";
import { ProtectedError } from "./step-effects";
import { withNeeds, type Targets } from "./targets";

export interface DeletionContext {
  readonly run: Run;
  readonly targets: Targets;
  /** The state as this run found it, in dependency order. */
  readonly before: readonly ResourceState[];
  /** Whether this run has taken the resource with this old URN on; false for all in a destroy. */
  isRegistered(oldUrn: string): boolean;
  /** Old URNs of what failed, or was left alone because of that: it still needs what it needed before. */
  readonly unfinished: ReadonlySet<string>;
}

/** @returns undefined when something must not be deleted, which has been reported: then nothing is. */
export function finalDeletions(context: DeletionContext): readonly Step[] | undefined {
  const { run } = context;
  const condemned = new Set<ResourceState>();
  const allowed = context.targets.toDelete(context.before);
  const needed = withNeeds(context.unfinished, context.before);
  for (const state of run.store.olds) {
    if (!allowed.has(state.urn) || needed.has(state.urn)) continue;
    if (!state.delete && context.isRegistered(state.urn)) continue;
    condemned.add(state);
    run.deleted.add(state.urn);
  }
  const candidates = context.targets.all ? run.store.olds : oldsAndNotes(run);
  if (!context.targets.all) addWhatIsGone(context, candidates, condemned);
  if (refusesTargets(context, condemned) || refusesProtected(run, condemned)) return undefined;
  const order = dependentsWithin(condemned, candidates);
  const steps = new Map<ResourceState, Step>();
  // Dependents come later in the state, so going backwards their steps are there when they are asked for.
  for (const state of [...candidates].reverse()) {
    if (!condemned.has(state)) continue;
    const after = (order.get(state) ?? []).flatMap((dependent) => steps.get(dependent) ?? []);
    steps.set(state, deletionOf(state, after));
  }
  return [...steps.values()];
}

function deletionOf(old: ResourceState, after: readonly Step[]): Step {
  // Deleted already, to make room for a replacement that nobody asks for any more. It was in the state until now for its dependents.
  if (old.pendingReplacement) return { op: "remove-pending-replace", after, old };
  return old.delete ? { op: "delete-replaced", after, old, makesRoom: false } : { op: "delete", after, old };
}

/**
 * What this run has not dealt with, and notes of what is gone: of a resource that the program asks for, but that is no target, the note was
 * taken over as it was. In dependency order.
 */
function oldsAndNotes({ store }: Run): readonly ResourceState[] {
  const olds = new Set(store.olds);
  return inDependencyOrder(store.states.filter((state) => state.pendingReplacement || olds.has(state)));
}

/** What was deleted for a replacement that never came is a note, which goes with what it needs, whether or not it is a target. */
function addWhatIsGone(
  context: DeletionContext,
  candidates: readonly ResourceState[],
  condemned: Set<ResourceState>,
): void {
  const going = new Set(
    [...condemned].filter((state) => !state.delete || !context.isRegistered(state.urn)).map(({ urn }) => urn),
  );
  for (const state of candidates) {
    if (!state.pendingReplacement || condemned.has(state)) continue;
    if (![...referencesOf(state)].some((urn) => going.has(urn))) continue;
    condemned.add(state);
    going.add(state.urn);
  }
}

/** A deletion that is forbidden is told before the first one, for half of a stack is of no use. A preview shows the rest too. */
function refusesProtected(run: Run, condemned: ReadonlySet<ResourceState>): boolean {
  if (run.preview) return false;
  const kept = [...condemned].filter((state) => state.protect && !state.delete && !state.pendingReplacement);
  if (kept.length === 0) return false;
  for (const { urn } of kept) run.diagnose("error", urn, new ProtectedError(urn).message);
  const which = kept.length === 1 ? "a resource that would be is" : `${kept.length} of the resources that would be are`;
  run.diagnose("error", "", `nothing was deleted, since ${which} protected`);
  run.markFailed();
  return true;
}

function refusesTargets(context: DeletionContext, condemned: ReadonlySet<ResourceState>): boolean {
  const { run, targets } = context;
  // Whoever needs what was replaced has the replacement.
  const going = [...condemned].filter((state) => !(state.delete && context.isRegistered(state.urn)));
  const missing = targets.dependents(
    // One that was registered but is no target still needs what it needed before.
    run.store.states.filter((state) => !state.pendingReplacement && !condemned.has(state)),
    going,
  );
  for (const { urn } of missing) {
    run.diagnose(
      "error",
      urn,
      "this resource depends on one that is to be deleted, but is not among the targets: add it to them",
    );
    run.markFailed();
  }
  return missing.length > 0;
}

/**
 * For each condemned resource, the condemned ones that need it. What needs a component needs its children too. Only what comes later in
 * the state can depend on something, so there are no cycles, even where two states share a URN.
 */
export function dependentsWithin(
  condemned: ReadonlySet<ResourceState>,
  states: readonly ResourceState[],
): Map<ResourceState, ResourceState[]> {
  const dependents = new Map<ResourceState, ResourceState[]>();
  const earlier = new Map<string, ResourceState[]>();
  const children = new Map<string, ResourceState[]>();
  for (const state of states) {
    const { parent = "" } = state;
    const needed = new Set<ResourceState>();
    const reach = (urn: string): void => {
      for (const target of earlier.get(urn) ?? []) {
        if (needed.has(target)) continue;
        needed.add(target);
        if (!target.custom && urn !== parent) (children.get(urn) ?? []).forEach((child) => reach(child.urn));
      }
    };
    referencesOf(state).forEach(reach);
    if (condemned.has(state)) {
      for (const target of needed) {
        if (condemned.has(target)) dependents.set(target, [...(dependents.get(target) ?? []), state]);
      }
    }
    earlier.set(state.urn, [...(earlier.get(state.urn) ?? []), state]);
    children.set(parent, [...(children.get(parent) ?? []), state]);
  }
  return dependents;
}
