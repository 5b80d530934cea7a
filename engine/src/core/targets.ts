/** The resources that a run is limited to, or leaves alone, and those that it replaces in any case. */
import type { ResourceState, Selection } from "../model";
import { needsOf, referencesOf } from "./state";

interface Pattern {
  readonly text: string;
  readonly expression: RegExp;
}

function patternOf(text: string): Pattern {
  const escaped = text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  return { text, expression: new RegExp(`^${escaped.replace(/\*\*|\*/g, (s) => (s === "**" ? ".*" : "[^:]*"))}$`) };
}

const matches = (patterns: readonly Pattern[], urn: string): boolean =>
  patterns.some(({ expression }) => expression.test(urn));

/** What of the patterns matches nothing: it is probably misspelled. */
function unmatched(patterns: readonly Pattern[], urns: Iterable<string>): string[] {
  const known = [...urns];
  return patterns.filter(({ expression }) => !known.some((urn) => expression.test(urn))).map(({ text }) => text);
}

export class Targets {
  private readonly targets: readonly Pattern[];
  private readonly excludes: readonly Pattern[];
  private readonly replacements: readonly Pattern[];
  /** What the program has registered as a target or excluded, dependents of those included where they count. */
  private readonly actual = new Set<string>();

  constructor(private readonly selection: Selection) {
    this.targets = selection.targets.map(patternOf);
    this.excludes = (selection.excludes ?? []).map(patternOf);
    this.replacements = (selection.replaces ?? []).map(patternOf);
  }

  /** Whether nothing is left alone. */
  get all(): boolean {
    return this.targets.length === 0 && this.excludes.length === 0;
  }

  /** Why something is left alone, for messages. */
  get reason(): string {
    return this.targets.length > 0 ? "is not among the targets: add it to the targets" : "is excluded";
  }

  /** Whether a resource is to be replaced, whatever its provider says. */
  replaces(urn: string): boolean {
    return matches(this.replacements, urn);
  }

  /**
   * Whether the run is about a resource that the program registers. INVARIANT: what it needs has been asked about before, so dependents
   * of dependents are found.
   */
  includes(state: ResourceState): boolean {
    return this.takes(state, referencesOf(state), this.actual);
  }

  /** Of the resources of a state, in dependency order, those that a refresh is about. Here the provider is no dependency. */
  toRefresh(states: readonly ResourceState[]): ReadonlySet<ResourceState> {
    const actual = new Set<string>();
    const needs = (state: ResourceState): Set<string> => new Set(needsOf(state).map(({ urn }) => urn));
    return new Set(states.filter((state) => this.takes(state, needs(state), actual)));
  }

  /** @param actual the targets, or the excluded, so far; the resource is added when it is one */
  private takes({ urn }: ResourceState, needs: ReadonlySet<string>, actual: Set<string>): boolean {
    if (this.all) return true;
    const { targetDependents = false, excludeDependents = false } = this.selection;
    const [patterns, dependents] =
      this.targets.length > 0 ? [this.targets, targetDependents] : [this.excludes, excludeDependents];
    const isNamed = (other: string): boolean => matches(patterns, other) || actual.has(other);
    const named = isNamed(urn) || (dependents && [...needs].some(isNamed));
    if (named) actual.add(urn);
    return this.targets.length > 0 ? named : !named;
  }

  /** Of the resources of a state, in dependency order, the URNs of those that may be deleted. */
  toDelete(states: readonly ResourceState[]): ReadonlySet<string> {
    const urns = new Set(states.map(({ urn }) => urn));
    const { targetDependents = false, excludeDependents = false } = this.selection;
    if (this.targets.length > 0) {
      const named = new Set([...urns].filter((urn) => matches(this.targets, urn)));
      return targetDependents ? withDependents(named, states) : named;
    }
    const excluded = new Set([...urns].filter((urn) => matches(this.excludes, urn)));
    const kept = withNeeds(excludeDependents ? withDependents(excluded, states) : excluded, states);
    return new Set([...urns].filter((urn) => !kept.has(urn)));
  }

  /** Targets and excluded that match nothing. */
  unknown(urns: Iterable<string>): string[] {
    return unmatched([...this.targets, ...this.excludes], urns);
  }

  /** What is to be replaced, and is not there. */
  unknownReplacements(urns: Iterable<string>): string[] {
    return unmatched(this.replacements, urns);
  }

  /** Of others, those that need one that is to be deleted, or one that does. */
  dependents(others: readonly ResourceState[], condemned: readonly ResourceState[]): ResourceState[] {
    if (this.all) return [];
    const urns = new Set(condemned.map(({ urn }) => urn));
    const found = new Set<ResourceState>();
    for (let size = -1; size !== found.size;) {
      size = found.size;
      for (const state of others) {
        if (![...referencesOf(state)].some((urn) => urns.has(urn))) continue;
        found.add(state);
        urns.add(state.urn);
      }
    }
    return others.filter((state) => found.has(state));
  }
}

/** With what needs them, by whatever way; children are such. `states` are in dependency order. */
function withDependents(urns: ReadonlySet<string>, states: readonly ResourceState[]): Set<string> {
  const found = new Set(urns);
  for (const state of states) if ([...referencesOf(state)].some((urn) => found.has(urn))) found.add(state.urn);
  return found;
}

/** With what they need. Whoever needs a component needs its children too, as far as they come before. */
export function withNeeds(urns: ReadonlySet<string>, states: readonly ResourceState[]): Set<string> {
  const found = new Set(urns);
  for (let i = states.length - 1; i >= 0; i--) {
    const state = states[i];
    if (!state || !found.has(state.urn)) continue;
    for (const urn of referencesOf(state)) {
      found.add(urn);
      if (urn === state.parent) continue;
      for (const child of childrenWithin(urn, states.slice(0, i))) found.add(child);
    }
  }
  return found;
}

/** Children of a component, and theirs. */
function childrenWithin(component: string, states: readonly ResourceState[]): string[] {
  if (!states.some(({ urn, custom }) => urn === component && !custom)) return [];
  const family = new Set([component]);
  for (const { urn, parent } of states) if (parent && family.has(parent)) family.add(urn);
  family.delete(component);
  return [...family];
}
