/**
 * Decides what is to be done, and says so in steps. It changes nothing outside, and only notes in the state's store who was renamed.
 *
 * INVARIANTS
 * - Registrations are checked and diffed concurrently; decisions are taken one at a time (`deciding`). A decision may condemn resources
 *   that have not been decided yet; such a one notices when its own turn comes, and starts over as one to be created again.
 * - What was decided is never condemned afterwards.
 * - A resource that was deleted to make room is created again only when its deletion has ended; whether or not it is a target.
 * - Every step of a registration comes before the registration is answered, so what needs a resource registers after its steps.
 */
import type { PropertyChange, ResourceState } from "../model";
import { UNKNOWN } from "../provider";
import { additions, changesOf, compare, withoutHiddenDiffs } from "./changes";
import { finalDeletions } from "./deletion";
import { Departures } from "./departures";
import { needsReplacement } from "./diffing";
import type { Goal, ReadGoal } from "./goal";
import { Mutex } from "./limiter";
import { Proposer, type Candidate } from "./proposal";
import type { ProviderRegistry } from "./provider-registry";
import { refuseImported, refuseProtected } from "./refusals";
import { Registrations } from "./registrations";
import type { Run } from "./run";
import { referencesOf, stateOf } from "./state";
import type { CreateStep, Step } from "./step";
import type { Targets } from "./targets";
import { createUrn, isProviderType } from "./urn";

/** What a registration came to. */
export interface Registered {
  /** The state after its steps. */
  readonly state: ResourceState;
  readonly urn: string;
  /** It is not among the targets and does not exist: the program gets no outputs. */
  readonly skipped: boolean;
}

/**
 * The steps of a registration, in stages. The next stage is asked for when the one before has ended well: only what an import found
 * says what there is to change.
 */
export type Stages = AsyncGenerator<readonly Step[], Registered, undefined>;

export class StepGenerator {
  private readonly registrations: Registrations;
  private readonly departures: Departures;
  private readonly proposer: Proposer;
  private readonly skipped = new Set<string>();
  private readonly imported = new Set<string>();
  private readonly deciding = new Mutex();

  /** Made when the state is as the run is to find it: after a refresh. */
  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly targets: Targets,
  ) {
    this.registrations = new Registrations(run);
    this.departures = new Departures(run, registry, (urn) => this.registrations.isDecided(urn));
    this.proposer = new Proposer(run, registry, this.departures);
  }

  /** What the program has registered, whether it was a target or not. */
  get urns(): Iterable<string> {
    return this.registrations.urns;
  }

  /** @throws Stopped when the reason has been reported; Error otherwise */
  async *register(goal: Goal): Stages {
    const urn = this.claim(goal);
    const known = this.registrations.findOld(goal, urn);
    if (!this.targets.includes(urn) && !isImplicitTarget(goal)) {
      const left = await this.deciding.run(() => Promise.resolve(this.leave(goal, urn, known)));
      if (left) {
        yield left.steps;
        return left.result;
      }
      // It had to go for a target's replacement, so it is made again.
    }
    this.refuseSkippedDependencies(goal, urn);
    let old = known;
    if (isImport(goal, known)) {
      old = stateOf(goal, urn, undefined);
      if (known?.protect && goal.protect) refuseProtected(this.run, urn);
      this.imported.add(urn);
      yield [{ op: "import", after: [], id: goal.importId, old: known, next: old }];
    }
    for (;;) {
      const candidate = await this.proposer.propose(goal, urn, old);
      const steps = await this.deciding.run(() => this.decide(candidate));
      if (!steps) continue;
      yield steps;
      return { state: candidate.next, urn, skipped: false };
    }
  }

  /** A look at what somebody else manages. @throws Stopped when the reason has been reported; Error otherwise */
  async *read(goal: ReadGoal): Stages {
    const urn = this.claim(goal);
    const old = this.registrations.findOld(goal, urn);
    this.registrations.decide(urn, old);
    const next: ResourceState = { ...stateOf(goal, urn, old), id: goal.id, external: true };
    // In a preview it may not be known yet which it is.
    if (goal.id !== UNKNOWN) yield await Promise.resolve([{ op: "read", after: [], old, next }]);
    return { state: next, urn, skipped: false };
  }

  /** The last phase: what the program no longer wants. @returns undefined when that is refused; the reasons have been reported */
  deletions(): readonly Step[] | undefined {
    const isRegistered = (oldUrn: string): boolean => this.registrations.has(oldUrn);
    return finalDeletions({ run: this.run, targets: this.targets, isRegistered });
  }

  private claim({ type, name, parent, inputs }: Goal): string {
    const { stack, project } = this.run.options;
    const urn = createUrn({ stack, project, type, name, parent });
    this.registrations.claim(urn, parent);
    this.run.learn(inputs);
    return urn;
  }

  /** @returns undefined when the resource was condemned since it was proposed: propose again. */
  private async decide(candidate: Candidate): Promise<readonly Step[] | undefined> {
    const { run, departures } = this;
    const { goal, old, next, recreating, urn, diff } = candidate;
    run.throwIfStopped();
    if (old && !recreating && departures.of(old)) return undefined;
    this.registrations.decide(urn, old);
    if (!old) return [creation(next)];
    if (recreating) {
      const departure = departures.of(old);
      if (!departure) refuseImported(run, goal, urn, []);
      departures.recreate(old, urn);
      const changes = withoutHiddenDiffs(compare(old.inputs, next.inputs), next.hideDiff ?? []);
      return replacedAfter(departure ? [departure] : [], old, next, changes);
    }
    if (old.external) return [{ op: "create-replacement", after: [], old, next, changes: additions(next.inputs) }];
    const retries = (old.initErrors ?? []).length > 0;
    if (diff.changes !== "some" && !retries) {
      return [{ op: "same", after: [], old, next, imported: this.imported.has(urn) }];
    }
    if (diff.changes === "some" && needsReplacement(diff)) return this.replacement(candidate, old);
    if (old.id !== undefined) next.id = old.id;
    return [{ op: "update", after: [], old, next, changes: changesIn(candidate, old) }];
  }

  private async replacement(candidate: Candidate, old: ResourceState): Promise<readonly Step[]> {
    const { run, departures } = this;
    const { goal, next, lifecycle, diff, urn } = candidate;
    if (old.protect && next.protect) refuseProtected(run, urn);
    refuseImported(run, goal, urn, diff.replaces);
    // Defaults such as an automatic name were carried over from the old one; the new one needs its own.
    if (lifecycle) next.inputs = await lifecycle.check(urn, goal.inputs, undefined);
    departures.markReplaced(urn);
    const changes = changesIn(candidate, old);
    if (goal.deleteBeforeReplace ?? diff.deleteBeforeReplace) {
      const going = await departures.condemn(old);
      return [...going, ...replacedAfter(going.slice(-1), old, next, changes)];
    }
    const create = { op: "create-replacement", after: [], old, next, changes } as const;
    return [create, { op: "replace", after: [create], old, next, changes }];
  }

  private refuseSkippedDependencies(goal: Goal, urn: string): void {
    const missing = [...referencesOf(stateOf(goal, urn, undefined))].find((needed) => this.skipped.has(needed));
    if (missing === undefined) return;
    throw new Error(
      `${urn} needs ${missing}, which does not exist yet and is not among the targets: add it to the targets`,
    );
  }

  /** Not a target: stays as it is, or is not created. @returns undefined for one that was condemned all the same. */
  private leave(
    goal: Goal,
    urn: string,
    old: ResourceState | undefined,
  ): { steps: readonly Step[]; result: Registered } | undefined {
    if (old && this.departures.of(old)) return undefined;
    this.registrations.decide(urn, old);
    if (!old) {
      this.skipped.add(urn);
      return { steps: [], result: { state: stateOf(goal, urn, undefined), urn, skipped: true } };
    }
    // The program is told the old name.
    if (old.urn !== urn) this.registrations.keepName(old);
    const next = { ...old };
    return {
      steps: [{ op: "same", after: [], old, next, imported: false }],
      result: { state: next, urn, skipped: false },
    };
  }
}

function creation(next: ResourceState): CreateStep {
  return { op: "create", after: [], next, changes: additions(next.inputs) };
}

/** What was deleted is made again. */
function replacedAfter(
  after: readonly Step[],
  old: ResourceState,
  next: ResourceState,
  changes: readonly PropertyChange[],
): readonly Step[] {
  const replace = { op: "replace", after, old, next, changes } as const;
  return [replace, { op: "create-replacement", after: [replace], old, next, changes }];
}

function changesIn({ diff, next }: Candidate, old: ResourceState): PropertyChange[] {
  const changes = changesOf(diff, { oldInputs: old.inputs, oldOutputs: old.outputs, newInputs: next.inputs });
  return withoutHiddenDiffs(changes, next.hideDiff ?? []);
}

/** Whether the program names something outside that the state does not know. */
function isImport(goal: Goal, old: ResourceState | undefined): boolean {
  if (!goal.custom || goal.importId === "") return false;
  return old === undefined || old.external === true || (old.importID ?? old.id) !== goal.importId;
}

/** Providers and the Stack are needed by whatever is a target. */
function isImplicitTarget(goal: Goal): boolean {
  return isProviderType(goal.type) || goal.type === "pulumi:pulumi:Stack";
}
