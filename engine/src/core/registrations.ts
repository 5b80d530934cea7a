/** Which resources the program has registered so far, and what the state knew them as. */
import type { ResourceState } from "../model";
import { aliasUrns } from "./aliases";
import type { Goal } from "./goal";
import type { Run } from "./run";

/**
 * INVARIANTS
 * - A URN is claimed once, and only after its parent's.
 * - What the state has under one URN is taken on by one registration at most.
 */
export class Registrations {
  private readonly olds = new Map<string, ResourceState>();
  private readonly claimed = new Set<string>();
  private readonly decided = new Set<string>();
  /** New URN to old URN, and back, of resources found under an alias. */
  private readonly oldUrns = new Map<string, string>();
  private readonly newUrns = new Map<string, string>();

  constructor(private readonly run: Run) {
    for (const state of run.store.olds) if (!state.delete) this.olds.set(state.urn, state);
  }

  /** What the program has registered, whether it was a target or not. */
  get urns(): Iterable<string> {
    return this.claimed;
  }

  /** Reserves a URN. @throws Stopped for one that is taken or whose parent nobody knows. */
  claim(urn: string, parent: string): void {
    if (this.claimed.has(urn)) {
      throw this.run.fail(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    if (this.newUrns.has(urn)) {
      throw this.run.fail(
        urn,
        `'${urn}' is an earlier name of '${this.newUrns.get(urn) ?? ""}', by its aliases; remove that alias`,
      );
    }
    if (parent !== "" && !this.claimed.has(parent)) {
      throw this.run.fail(urn, `could not find parent resource ${parent}`);
    }
    this.claimed.add(urn);
  }

  /** The old state, under this URN or one of its aliases. @throws Stopped when another has taken it on */
  findOld(goal: Goal, urn: string): ResourceState | undefined {
    const { stack, project } = this.run.options;
    const aliases = aliasUrns(goal, { stack, project, oldUrnOf: (parent) => this.oldUrns.get(parent) });
    for (const candidate of [urn, ...aliases]) {
      const old = this.olds.get(candidate);
      if (!old) continue;
      if (candidate !== urn) this.rename(candidate, urn);
      return old;
    }
    return undefined;
  }

  private rename(oldUrn: string, urn: string): void {
    const other = this.claimed.has(oldUrn) ? oldUrn : this.newUrns.get(oldUrn);
    if (other !== undefined) {
      throw this.run.fail(
        urn,
        `two resources, '${other}' and '${urn}', claim to be what was '${oldUrn}'; remove one of the aliases`,
      );
    }
    this.oldUrns.set(urn, oldUrn);
    this.newUrns.set(oldUrn, urn);
    this.run.store.rename(oldUrn, urn);
  }

  /** Takes a renaming back: the resource is left as it is, and its children and dependents know it by its old name. */
  keepName({ urn }: ResourceState): void {
    this.run.store.keepName(urn);
    this.claimed.add(urn);
  }

  /** What becomes of a resource, and of what the state has of it, is settled. */
  decide(urn: string, old: ResourceState | undefined): void {
    this.decided.add(urn);
    if (old) this.decided.add(old.urn);
  }

  isDecided(urn: string): boolean {
    return this.decided.has(urn);
  }

  /** These URNs, and what the state knows them as. */
  oldNames(urns: Iterable<string>): ReadonlySet<string> {
    return new Set([...urns].flatMap((urn) => [urn, this.oldUrns.get(urn) ?? urn]));
  }

  /** Whether the program has registered what the state knows under this URN. */
  has(oldUrn: string): boolean {
    return this.decided.has(oldUrn) || this.newUrns.has(oldUrn);
  }
}
