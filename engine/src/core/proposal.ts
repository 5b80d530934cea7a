/** From a registration to what could be done about it: inputs checked, differences found. Changes nothing, so it may be done again. */
import type { ResourceState } from "../model";
import type { DiffResult } from "../provider";
import type { Departures } from "./departures";
import { applyReplaceOnChanges, ignoreChanges, settle } from "./diffing";
import type { Goal } from "./goal";
import { DIFF_UNAVAILABLE, type Lifecycle } from "./lifecycle";
import type { ProviderRegistry } from "./provider-registry";
import type { Run } from "./run";
import { stateOf } from "./state";
import type { Targets } from "./targets";
import { deepEqual } from "./values";

const NO_DIFF: DiffResult = { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

/** A registration on its way to a decision. */
export interface Candidate {
  readonly goal: Goal;
  readonly urn: string;
  readonly old: ResourceState | undefined;
  readonly next: ResourceState;
  /** Undefined for a component. */
  readonly lifecycle: Lifecycle | undefined;
  /** The old one is gone, or goes, to be made again. */
  readonly recreating: boolean;
  readonly diff: DiffResult;
}

export interface ProposerContext {
  readonly run: Run;
  readonly registry: ProviderRegistry;
  readonly targets: Targets;
  readonly departures: Departures;
}

/** Asks the providers. */
export class Proposer {
  private readonly run: Run;
  private readonly registry: ProviderRegistry;
  private readonly targets: Targets;
  private readonly departures: Departures;

  constructor({ run, registry, targets, departures }: ProposerContext) {
    this.run = run;
    this.registry = registry;
    this.targets = targets;
    this.departures = departures;
  }

  /** @throws Error for inputs that the provider refuses */
  async propose(goal: Goal, urn: string, old: ResourceState | undefined): Promise<Candidate> {
    const recreating = old !== undefined && (old.pendingReplacement === true || this.departures.of(old) !== undefined);
    const fresh = old === undefined || recreating || old.external === true;
    const next = stateOf(goal, urn, old);
    const lifecycle = goal.custom ? await this.registry.lifecycle(goal.type, goal.provider) : undefined;
    if (!fresh) {
      const ignored = ignoreChanges(next.inputs, old.inputs, goal.ignoreChanges);
      next.inputs = ignored.inputs;
      if (ignored.impossible.length > 0) {
        const paths = ignored.impossible.join(", ");
        this.run.diagnose("info", urn, `cannot ignore changes in added or removed elements of the path: "${paths}"`);
      }
    }
    if (lifecycle)
      next.inputs = await lifecycle.check(urn, fresh ? goal.inputs : next.inputs, fresh ? undefined : old.inputs);
    this.run.throwIfStopped();
    const diff = fresh ? NO_DIFF : await this.diff(goal, old, next, lifecycle);
    return { goal, urn, old, next, lifecycle, recreating, diff };
  }

  private async diff(
    goal: Goal,
    old: ResourceState,
    next: ResourceState,
    lifecycle: Lifecycle | undefined,
  ): Promise<DiffResult> {
    const replaces = this.replacesUnseen(old, next);
    if (replaces) return { ...NO_DIFF, changes: "some", replaces: [replaces] };
    if (!lifecycle) return { ...NO_DIFF, changes: deepEqual(old.inputs, next.inputs) ? "none" : "some" };
    const subject = { old, news: next.inputs, ignoreChanges: goal.ignoreChanges };
    const answer = await lifecycle.diff(subject).catch((error: unknown): DiffResult => {
      if (!(error instanceof Error) || error.message !== DIFF_UNAVAILABLE) throw error;
      this.run.diagnose("warning", next.urn, DIFF_UNAVAILABLE);
      return { ...NO_DIFF, changes: "some" };
    });
    return applyReplaceOnChanges(
      settle(answer, old.inputs, next.inputs, goal.ignoreChanges),
      goal.replaceOnChanges,
      old,
    );
  }

  /** Replacements that no provider decides. A change between two providers of one package is none: their settings are data. */
  private replacesUnseen(old: ResourceState, next: ResourceState): string | undefined {
    if (old.custom !== next.custom) return "provider";
    if ((old.taint && old.custom) || this.targets.replaces(next.urn)) return "id";
    // What is deleted with another goes when that one is replaced, so it has to be made again too.
    return next.deletedWith !== undefined && this.departures.isReplaced(next.deletedWith) ? "deletedWith" : undefined;
  }
}
