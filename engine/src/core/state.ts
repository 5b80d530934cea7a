/** Building and relating resource states. */
import { ROOT_STACK_TYPE, type PendingOperation, type ResourceState } from "../model";
import { formatPath, parsePath } from "../property-path";
import type { JsonObject } from "../provider";
import type { Goal } from "./goal";
import { isProviderType, parseReference } from "./urn";

/** Every URN that a resource needs to exist, parent and provider included. */
export function referencesOf(state: ResourceState): Set<string> {
  const urns = new Set(needsOf(state).map(({ urn }) => urn));
  if (state.provider) urns.add(parseReference(state.provider).urn);
  urns.delete(state.urn);
  return urns;
}

/** One thing that a resource needs, and how it says so. */
export interface Need {
  readonly urn: string;
  readonly kind: "parent" | "dependency" | "property dependency" | "deletedWith" | "replaceWith";
  /** The property, of a property dependency. */
  readonly key?: string;
}

/** What a resource needs but for its provider, in the CLI's order (State.GetAllDependencies). */
export function needsOf(state: ResourceState): Need[] {
  const { parent, dependencies = [], propertyDependencies = {}, deletedWith, replaceWith = [] } = state;
  return [
    ...(parent ? [{ urn: parent, kind: "parent" as const }] : []),
    ...dependencies.map((urn): Need => ({ urn, kind: "dependency" })),
    ...Object.entries(propertyDependencies).flatMap(([key, urns]) =>
      urns.map((urn): Need => ({ urn, kind: "property dependency", key })),
    ),
    ...(deletedWith ? [{ urn: deletedWith, kind: "deletedWith" as const }] : []),
    ...replaceWith.map((urn): Need => ({ urn, kind: "replaceWith" })),
  ];
}

/** The state that a registration asks for, before the provider has said anything. */
export function stateOf(goal: Goal, urn: string, old: ResourceState | undefined): ResourceState {
  const { additionalSecretOutputs, customTimeouts, dependencies, ignoreChanges, replaceOnChanges } = goal;
  const propertyDependencies = Object.fromEntries(
    Object.entries(goal.propertyDependencies).map(([key, urns]) => [key, [...urns].sort()]),
  );
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    inputs: goal.inputs,
    outputs: {},
    ...(goal.parent ? { parent: goal.parent } : {}),
    ...(goal.protect ? { protect: true } : {}),
    ...(dependencies.length > 0 ? { dependencies: [...dependencies] } : {}),
    ...(goal.provider ? { provider: goal.provider } : {}),
    ...(Object.keys(propertyDependencies).length > 0 ? { propertyDependencies } : {}),
    ...(additionalSecretOutputs.length > 0 ? { additionalSecretOutputs: [...additionalSecretOutputs] } : {}),
    ...(Object.keys(customTimeouts).length > 0 ? { customTimeouts } : {}),
    ...(goal.importId ? { importID: goal.importId } : {}),
    ...(goal.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith ? { deletedWith: goal.deletedWith } : {}),
    ...(old?.created ? { created: old.created } : {}),
    ...(old?.modified ? { modified: old.modified } : {}),
    ...(ignoreChanges.length > 0 ? { ignoreChanges: [...ignoreChanges] } : {}),
    ...(replaceOnChanges.length > 0 ? { replaceOnChanges: [...replaceOnChanges] } : {}),
    ...(goal.hideDiffs.length > 0 ? { hideDiff: goal.hideDiffs.map((path) => formatPath(parsePath(path))) } : {}),
    ...(goal.sourcePosition ? { sourcePosition: goal.sourcePosition } : {}),
  };
}

/** Resources that the engine makes by itself, and provider resources, are not shown nor counted. */
export function isInternal(state: ResourceState): boolean {
  return isProviderType(state.type);
}

export function isRootStack(state: ResourceState): boolean {
  return state.type === ROOT_STACK_TYPE;
}

/** A provider's settings without what the engine keeps for itself. */
export function providerConfig(inputs: JsonObject): JsonObject {
  const { __internal: _, ...config } = inputs;
  return config;
}

/** Whether an operation is about this resource; two states of one URN differ by id. */
export function isAbout({ resource }: PendingOperation, { urn, id }: ResourceState): boolean {
  return resource.urn === urn && resource.id === id;
}
