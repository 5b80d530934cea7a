/** Who must go before a resource that is deleted before its replacement is made, because it could not live through that. */
import type { ResourceState } from "../model";
import { UNKNOWN, type JsonObject } from "../provider";
import { applyReplaceOnChanges, needsReplacement, settle } from "./diffing";
import type { Lifecycle } from "./lifecycle";
import { referencesOf } from "./state";
import { parseReference } from "./urn";

export interface DependentsContext {
  /** The state from before this run, in dependency order. */
  readonly olds: readonly ResourceState[];
  /** Resources of which this run has decided already what to do: they cannot depend on the replaced one any more. */
  isDecided(urn: string): boolean;
  lifecycle(state: ResourceState): Promise<Lifecycle>;
}

/**
 * The dependents of `root` that its replacement replaces too, in dependency order. Of every other dependent the engine cannot know yet
 * what it will want; it is asked about when the program registers it.
 *
 * Walks the dependents in order; each that takes an input from something that is to be replaced is asked, by a diff in which that input
 * is unknown, whether it would have to be replaced.
 */
export async function dependentReplacements(root: ResourceState, context: DependentsContext): Promise<ResourceState[]> {
  // A leftover of an earlier replacement has the URN of one that lives on, so only other leftovers take it for what they need.
  const going = { live: new Set([root.urn]), all: new Set([root.urn]) };
  const reached = { live: new Set([root.urn]), all: new Set([root.urn]) };
  const result: ResourceState[] = [];
  for (const state of context.olds.slice(context.olds.indexOf(root) + 1)) {
    if (!state.delete && context.isDecided(state.urn)) continue;
    const [sees, marks] = state.delete ? (["all", ["all"]] as const) : (["live", ["live", "all"]] as const);
    if (![...referencesWithoutParent(state)].some((urn) => reached[sees].has(urn))) continue;
    for (const set of marks) reached[set].add(state.urn);
    if (!(await mustReplace(state, going[sees], context))) continue;
    for (const set of marks) going[set].add(state.urn);
    result.push(state);
  }
  return result;
}

function referencesWithoutParent(state: ResourceState): Set<string> {
  const { parent: _, ...rest } = state;
  return referencesOf(rest);
}

async function mustReplace(
  state: ResourceState,
  replaced: ReadonlySet<string>,
  context: DependentsContext,
): Promise<boolean> {
  if (!state.custom || state.external || state.pendingReplacement) return false;
  if (state.provider && replaced.has(parseReference(state.provider).urn)) return true;
  if (state.deletedWith && replaced.has(state.deletedWith)) return true;
  const news: JsonObject = {};
  let affected = false;
  for (const [key, value] of Object.entries(state.inputs)) {
    const unknown = (state.propertyDependencies?.[key] ?? []).some((urn) => replaced.has(urn));
    affected ||= unknown;
    news[key] = unknown ? UNKNOWN : value;
  }
  if (!affected) return false;
  const lifecycle = await context.lifecycle(state);
  const ignored = state.ignoreChanges ?? [];
  const answer = await lifecycle.diff({ old: state, news, ignoreChanges: ignored });
  const diff = settle(answer, state.inputs, news, ignored);
  return needsReplacement(applyReplaceOnChanges(diff, state.replaceOnChanges ?? [], { ...state, initErrors: [] }));
}
