/** The resources that a run is limited to. */
import type { ResourceState } from "../model";
import { referencesOf } from "./state";

export class Targets {
  private readonly patterns: readonly RegExp[];

  /** @param urns with `*` for anything but a colon and `**` for anything; empty: everything is a target. */
  constructor(private readonly urns: readonly string[]) {
    this.patterns = urns.map((urn) => {
      const escaped = urn.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
      return new RegExp(`^${escaped.replace(/\*\*|\*/g, (stars) => (stars === "**" ? ".*" : "[^:]*"))}$`);
    });
  }

  get all(): boolean {
    return this.urns.length === 0;
  }

  includes(urn: string): boolean {
    return this.all || this.patterns.some((pattern) => pattern.test(urn));
  }

  /** Targets that match nothing: probably misspelled. */
  unknown(urns: Iterable<string>): string[] {
    const known = [...urns];
    return this.urns.filter((_, i) => !known.some((urn) => this.patterns[i]?.test(urn)));
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
