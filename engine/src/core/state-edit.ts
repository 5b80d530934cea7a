/** Changes of a state by hand (`state delete`, `unprotect`, `rename`; `stack rename`): pure functions over its resources. */
import { RESOURCE_REFERENCE, ROOT_STACK_TYPE, SIGNATURE, type ResourceState, type Snapshot } from "../model";
import type { Json } from "../provider";
import { normalizeSnapshot, normalizeUrns } from "./snapshot";
import { referencesOf } from "./state";
import { createUrn, formatReference, nameOf, qualifiedTypeOf } from "./urn";
import { isMap, mapValues } from "./values";

/** The one resource of this URN. @throws Error that names what there is instead. */
export function locate(resources: readonly ResourceState[], urn: string): ResourceState {
  const found = resources.filter((state) => state.urn === urn);
  const [only] = found;
  if (only === undefined) {
    throw new Error(
      `No such resource ${JSON.stringify(urn)} exists in the current state: see \`pulumi stack --show-urns\``,
    );
  }
  if (found.length === 1) return only;
  const ids = found.map(({ id = "", delete: doomed }) => `${id}${doomed ? " (to be deleted)" : ""}`);
  throw new Error(
    `Resource URN ${JSON.stringify(urn)} ambiguously refers to ${found.length} resources: ${ids.join(", ")}`,
  );
}

/** What needs one of `roots`, directly or through others; in dependency order, without the roots. */
export function dependentsOf(resources: readonly ResourceState[], roots: readonly ResourceState[]): ResourceState[] {
  const going = new Set(roots);
  // Of two with one URN, what is to be deleted needs the one that is to be deleted too, if there is one.
  const meant = (from: ResourceState, urn: string): ResourceState[] => {
    const named = resources.filter((state) => state.urn === urn);
    const alike = named.filter((state) => (state.delete ?? false) === (from.delete ?? false));
    return alike.length > 0 ? alike : named;
  };
  const needs = (state: ResourceState): boolean =>
    [...going].some(({ urn, id = "" }) => state.provider === formatReference(urn, id)) ||
    [...referencesOf({ ...state, provider: "" })].some((urn) => meant(state, urn).some((needed) => going.has(needed)));
  for (let size = -1; size !== going.size;) {
    size = going.size;
    for (const state of resources) if (!going.has(state) && needs(state)) going.add(state);
  }
  return resources.filter((state) => going.has(state) && !roots.includes(state));
}

/** A resource under another name, with everything that refers to it. @throws Error when that name is taken. */
export function renameResource(snapshot: Snapshot, urn: string, name: string): Snapshot {
  locate(snapshot.resources, urn);
  if (name === "") throw new Error("the new name is empty");
  const renamed = `${urn.slice(0, urn.length - nameOf(urn).length)}${name}`;
  if (renamed === urn) return snapshot;
  if (snapshot.resources.some((state) => state.urn === renamed)) {
    throw new Error(`The chosen new urn for the state corresponds to an already existing resource: ${renamed}`);
  }
  return normalizeSnapshot(snapshot, new Map([[urn, renamed]]));
}

interface StackId {
  readonly project: string;
  readonly stack: string;
}

/** The state of a stack under another name: each URN of it, wherever it stands. Another stack's, and what is encrypted, stay. */
export function renameStack(snapshot: Snapshot, from: StackId, to: StackId): Snapshot {
  const prefix = `urn:pulumi:${from.stack}::${from.project}::`;
  const rename = (urn: string): string => {
    if (!urn.startsWith(prefix)) return urn;
    const type = qualifiedTypeOf(urn);
    return createUrn({ ...to, type, name: type === ROOT_STACK_TYPE ? `${to.project}-${to.stack}` : nameOf(urn) });
  };
  const within = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(within);
    if (!isMap(value)) return value;
    const inner = mapValues(value, within);
    const refers = value[SIGNATURE] === RESOURCE_REFERENCE && typeof value.urn === "string";
    return refers ? { ...inner, urn: rename(value.urn as string) } : inner;
  };
  const move = (state: ResourceState): ResourceState => {
    const { aliases, viewOf } = state as ResourceState & { viewOf?: string };
    const [moved = state] = normalizeUrns([state], everyUrn(state, rename));
    return {
      ...moved,
      inputs: mapValues(state.inputs, within),
      outputs: mapValues(state.outputs, within),
      ...(aliases ? { aliases: aliases.map(rename) } : {}),
      ...(viewOf ? { viewOf: rename(viewOf) } : {}),
    };
  };
  return {
    resources: snapshot.resources.map(move),
    pendingOperations: snapshot.pendingOperations.map((each) => ({ ...each, resource: move(each.resource) })),
  };
}

function everyUrn(state: ResourceState, rename: (urn: string) => string): Map<string, string> {
  return new Map([state.urn, ...referencesOf(state)].map((urn) => [urn, rename(urn)]));
}
