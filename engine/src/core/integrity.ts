/**
 * Whether a state is whole. What fails here, every command of the CLI refuses to read (its Snapshot.VerifyIntegrity), so this engine
 * neither writes nor uses it.
 */
import type { ResourceState } from "../model";
import { UNKNOWN } from "../provider";
import { inDependencyOrder } from "./snapshot";
import { needsOf } from "./state";
import { createUrn, formatReference, isProviderType, nameOf, parseReference, typeOf } from "./urn";

/** @returns what is wrong with the resources of a state, the first of it; undefined: nothing. */
export function integrityError(resources: readonly ResourceState[]): string | undefined {
  const seen = new Set<string>();
  const live = new Set<string>();
  const providers = new Set<string>();
  for (const [index, state] of resources.entries()) {
    const { urn, type } = state;
    if (!urn) return `resource at index ${index} has no urn`;
    if (!type) return `resource '${urn}' has no type`;
    if (!state.custom && state.id) return `resource '${urn}' is a component, but has the id '${state.id}'`;
    const wrong = providerError(state, providers) ?? missingNeed(state, seen, resources.slice(index + 1));
    if (wrong !== undefined) return wrong;
    seen.add(urn);
    if (state.delete) continue;
    if (live.has(urn)) return `duplicate resource ${urn} (not marked for deletion)`;
    live.add(urn);
  }
  return undefined;
}

/** Takes a provider resource into `providers`, and looks the state's own provider up there. */
function providerError(state: ResourceState, providers: Set<string>): string | undefined {
  const { urn, type, id, provider, pendingReplacement } = state;
  if (isProviderType(type)) {
    if (!isProviderUrn(urn)) return `provider ${urn} is not referenceable: its URN is not that of a provider`;
    providers.add(formatReference(urn, id ? id : UNKNOWN));
  }
  if (!provider) return undefined;
  if (!provider.includes("::") || !isProviderUrn(parseReference(provider).urn)) {
    return `resource ${urn} has a provider reference that cannot be read: '${provider}'`;
  }
  if (providers.has(provider) || pendingReplacement) return undefined;
  return `resource ${urn} refers to unknown provider ${provider}`;
}

function isProviderUrn(urn: string): boolean {
  const isUrn = urn.startsWith("urn:pulumi:") && urn.split("::").length > 3;
  return isUrn && /^pulumi:providers:./.test(typeOf(urn));
}

function missingNeed(
  state: ResourceState,
  seen: ReadonlySet<string>,
  later: readonly ResourceState[],
): string | undefined {
  const missing = needsOf(state).find(({ urn }) => !seen.has(urn));
  if (missing === undefined) return undefined;
  const { urn, kind, key } = missing;
  const what = key === undefined ? kind : `${kind} (of '${key}')`;
  const where = later.some((other) => other.urn === urn) ? "comes after it" : "is missing";
  return `resource ${state.urn}: its ${what} ${urn} ${where}`;
}

/** A state that was mended, and what was done to it, in words. */
export interface Repair {
  readonly resources: ResourceState[];
  readonly changes: readonly string[];
}

/**
 * Puts what is needed first, and takes references to what is not there away, as the CLI's `state repair` does: a resource whose parent is
 * missing gets none, and the URN of one that has none. A missing provider cannot be made up.
 */
export function repair(resources: readonly ResourceState[]): Repair {
  const changes: string[] = [];
  const sorted = inDependencyOrder(resources);
  for (const [index, state] of sorted.entries()) {
    if (state !== resources[index]) changes.push(`${state.urn}: moved to place ${index + 1}`);
  }
  /** What became of each URN; what comes later than it is needed is part of a circle, and keeps its name for now. */
  const seen = new Map(resources.map(({ urn }) => [urn, urn]));
  const mended = sorted.map((state) => {
    const next = pruned(state, seen);
    for (const { kind, urn, key } of needsOf(state)) {
      if (seen.has(urn)) continue;
      changes.push(`${state.urn}: ${kind} ${urn}${key === undefined ? "" : ` of '${key}'`} removed, which is missing`);
    }
    if (next.urn !== state.urn) changes.push(`${state.urn}: renamed to ${next.urn}`);
    seen.set(state.urn, next.urn);
    return next;
  });
  return { resources: mended, changes };
}

function pruned(state: ResourceState, seen: ReadonlyMap<string, string>): ResourceState {
  const keep = (urns: readonly string[]): string[] => urns.flatMap((urn) => seen.get(urn) ?? []);
  const mended: ResourceState = { ...state };
  if (state.parent) {
    const parent = seen.get(state.parent);
    const [, , stack = ""] = state.urn.split(":");
    const [, project = ""] = state.urn.split("::");
    mended.urn = createUrn({ stack, project, type: typeOf(state.urn), name: nameOf(state.urn), parent });
    if (parent === undefined) delete mended.parent;
    else mended.parent = parent;
  }
  if (state.dependencies) mended.dependencies = keep(state.dependencies);
  if (state.replaceWith) mended.replaceWith = keep(state.replaceWith);
  if (state.propertyDependencies) {
    mended.propertyDependencies = Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([key, urns]) => [key, keep(urns)]),
    );
  }
  if (state.deletedWith) {
    const deletedWith = seen.get(state.deletedWith);
    if (deletedWith === undefined) delete mended.deletedWith;
    else mended.deletedWith = deletedWith;
  }
  return mended;
}
