/** The order and the names inside a snapshot: pure functions over resource states. */
import { ROOT_STACK_TYPE, type PendingOperation, type ResourceState, type Snapshot } from "../model";
import { createUrn, formatReference, nameOf, parseReference, qualifiedTypeOf, typeOf } from "./urn";
import { referencesOf } from "./state";

/**
 * Sorts so that what is needed comes first; keeps the given order wherever it is good already.
 *
 * Two states may share a URN: the one to be deleted (`delete`) and its replacement. One to be deleted needs the other's namesake that is
 * to be deleted too, a live one needs the live one; a provider is named with its id.
 */
export function inDependencyOrder(resources: readonly ResourceState[]): ResourceState[] {
  const live = new Map<string, ResourceState>();
  const doomed = new Map<string, ResourceState>();
  const providers = new Map<string, ResourceState>();
  for (const state of resources) {
    (state.delete ? doomed : live).set(state.urn, state);
    if (state.id !== undefined) providers.set(formatReference(state.urn, state.id), state);
  }
  const find = (from: ResourceState, urn: string): ResourceState | undefined =>
    from.delete ? (doomed.get(urn) ?? live.get(urn)) : (live.get(urn) ?? doomed.get(urn));

  const sorted: ResourceState[] = [];
  const visited = new Set<ResourceState>();
  const visit = (state: ResourceState): void => {
    if (visited.has(state)) return;
    visited.add(state);
    const provider = state.provider === undefined ? undefined : providers.get(state.provider);
    if (provider) visit(provider);
    for (const urn of referencesOf(state)) {
      const needed = find(state, urn);
      if (needed && needed !== state) visit(needed);
    }
    sorted.push(state);
  };
  resources.forEach(visit);
  return sorted;
}

/** Copies of the states in which every reference to a resource that got a new name follows it. */
export function normalizeUrns(
  resources: readonly ResourceState[],
  renamed: ReadonlyMap<string, string>,
): ResourceState[] {
  const fix = renaming(resources, renamed);
  return resources.map((state) => fixReferences(state, fix));
}

/** {@link normalizeUrns} for a whole snapshot. */
export function normalizeSnapshot(
  { resources, pendingOperations }: Snapshot,
  renamed: ReadonlyMap<string, string>,
): Snapshot {
  const fix = renaming(resources, renamed);
  return {
    resources: resources.map((state) => fixReferences(state, fix)),
    pendingOperations: pendingOperations.map((operation) => fixOperation(operation, fix)),
  };
}

/**
 * INVARIANT: an update or a deletion has the name that its resource has in the same snapshot, by which the next run finds it. What a
 * creation may have made was made under the name that the provider was told, so it keeps that.
 */
function fixOperation(operation: PendingOperation, fix: (urn: string) => string): PendingOperation {
  const { resource, type } = operation;
  const fixed = fixReferences(resource, fix);
  return { ...operation, resource: type === "creating" ? { ...fixed, urn: resource.urn } : fixed };
}

/**
 * What each URN is to become. A child that has not been registered yet gets its parent's new type in its own URN too, so that the state
 * is whole when the run breaks off here.
 */
function renaming(resources: readonly ResourceState[], renamed: ReadonlyMap<string, string>): (urn: string) => string {
  if (renamed.size === 0) return (urn) => urn;
  const names = new Map(renamed);
  for (const { urn, parent } of resources) {
    const newParent = parent === undefined ? undefined : names.get(parent);
    if (newParent === undefined || names.has(urn) || typeOf(newParent) === ROOT_STACK_TYPE) continue;
    if (qualifiedTypeOf(newParent) === qualifiedTypeOf(parent ?? "")) continue;
    const [, , stack = ""] = urn.split(":");
    const [, project = ""] = urn.split("::");
    names.set(urn, createUrn({ stack, project, type: typeOf(urn), name: nameOf(urn), parent: newParent }));
  }
  return (urn) => names.get(urn) ?? urn;
}

function fixReferences(state: ResourceState, fix: (urn: string) => string): ResourceState {
  const fixed: ResourceState = { ...state, urn: fix(state.urn) };
  if (state.parent) fixed.parent = fix(state.parent);
  if (state.deletedWith) fixed.deletedWith = fix(state.deletedWith);
  if (state.replaceWith) fixed.replaceWith = state.replaceWith.map(fix);
  if (state.dependencies) fixed.dependencies = state.dependencies.map(fix);
  if (state.propertyDependencies) {
    fixed.propertyDependencies = Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(fix)]),
    );
  }
  if (state.provider) {
    const { urn, id } = parseReference(state.provider);
    fixed.provider = formatReference(fix(urn), id);
  }
  return fixed;
}

/**
 * Removes references to resources that are gone, so that nothing points into the void. `resources` is in dependency order. A child whose
 * parent is gone goes to that one's parent, and keeps its own URN: when the parent is made again the program's child is still this one.
 */
export function withoutDanglingReferences(
  resources: readonly ResourceState[],
  before: readonly ResourceState[],
): ResourceState[] {
  const parents = new Map(before.map(({ urn, parent }) => [urn, parent]));
  const known = new Set<string>();
  return resources.map((state) => {
    const exists = (urn: string): boolean => known.has(urn);
    const repaired: ResourceState = { ...state };
    const parent = standing(state.parent, parents, exists);
    if (parent === undefined) delete repaired.parent;
    else repaired.parent = parent;
    if (state.dependencies) repaired.dependencies = state.dependencies.filter(exists);
    if (state.replaceWith) repaired.replaceWith = state.replaceWith.filter(exists);
    if (state.propertyDependencies) {
      repaired.propertyDependencies = Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.filter(exists)]),
      );
    }
    if (state.deletedWith && !exists(state.deletedWith)) delete repaired.deletedWith;
    known.add(state.urn);
    return repaired;
  });
}

/** The nearest of a resource's forebears that exists. */
function standing(
  parent: string | undefined,
  parents: ReadonlyMap<string, string | undefined>,
  exists: (urn: string) => boolean,
): string | undefined {
  const passed = new Set<string>();
  let at = parent;
  while (at && !exists(at) && !passed.has(at)) {
    passed.add(at);
    at = parents.get(at);
  }
  return at && exists(at) ? at : undefined;
}
