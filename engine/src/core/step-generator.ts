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
import { StepFailed, type CreateStep, type Step } from "./step";
import type { Targets } from "./targets";
import { createUrn, isProviderType } from "./urn";
import { containsUnknown } from "./values";

/** What a registration came to. */
export interface Registered {
  /** The state after its steps; what the program asked for when there were none. */
  readonly state: ResourceState;
  readonly urn: string;
  /**
   * `skipped`: the run leaves it alone, and it does not exist; or something that it needs failed. Of what was skipped or failed the
   * program gets no outputs.
   */
  readonly outcome: "done" | "skipped" | "failed";
}

/**
 * The steps of a registration, in stages. The next stage is asked for when the one before has ended well: only what an import found
 * says what there is to change.
 */
export type Stages = AsyncGenerator<readonly Step[], Registered, undefined>;

export class StepGenerator {
  /** The state as it was then. */
  private readonly before: readonly ResourceState[];
  private readonly registrations: Registrations;
  private readonly departures: Departures;
  private readonly proposer: Proposer;
  /** What does not exist, or does not any more, and is left alone. */
  private readonly absent = new Set<string>();
  /** What failed, and what was left alone because it needs that. */
  private readonly unfinished = new Set<string>();
  private readonly imported = new Set<string>();
  private readonly deciding = new Mutex();

  /** Made when the state is as the run is to find it: after a refresh. */
  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly targets: Targets,
  ) {
    this.before = run.store.olds;
    this.registrations = new Registrations(run);
    this.departures = new Departures(run, registry, (urn) => this.registrations.isDecided(urn));
    this.proposer = new Proposer({ run, registry, targets, departures: this.departures });
  }

  /** What the program has registered, whether it was a target or not. */
  get urns(): Iterable<string> {
    return this.registrations.urns;
  }

  /** @throws Stopped when the reason has been reported; Error otherwise */
  async *register(goal: Goal): Stages {
    const urn = this.claim(goal);
    const known = this.registrations.findOld(goal, urn);
    return yield* this.guarded(goal, urn, known, this.stages(goal, urn, known));
  }

  private async *stages(goal: Goal, urn: string, known: ResourceState | undefined): Stages {
    const wanted = stateOf(goal, urn, undefined);
    if (!this.targets.includes(wanted) && !isImplicitTarget(goal)) {
      const left = await this.deciding.run(() => Promise.resolve(this.leave(wanted, known)));
      if (left) {
        yield left.steps;
        return left.result;
      }
      // It had to go for a target's replacement, so it is made again.
    }
    this.refuseAbsentDependencies(wanted);
    let old = known;
    if (isImport(goal, known)) {
      old = wanted;
      if (known?.protect && goal.protect) refuseProtected(this.run, urn);
      this.imported.add(urn);
      yield [{ op: "import", after: [], id: goal.importId, old: known, next: old }];
    }
    for (;;) {
      const candidate = await this.proposer.propose(goal, urn, old);
      const steps = await this.deciding.run(() => this.decide(candidate));
      if (!steps) continue;
      yield steps;
      return { state: candidate.next, urn, outcome: "done" };
    }
  }

  /** The stages of a registration, unless what it needs has failed; and when one fails, whatever needs this is left alone. */
  private async *guarded(goal: Goal, urn: string, old: ResourceState | undefined, stages: Stages): Stages {
    const wanted = stateOf(goal, urn, undefined);
    const leave = (outcome: "skipped" | "failed"): Promise<Registered> =>
      this.deciding.run(() => {
        this.unfinished.add(urn);
        this.registrations.decide(urn, old);
        return Promise.resolve({ state: wanted, urn, outcome });
      });
    if (this.needsUnfinished(wanted)) return leave("skipped");
    try {
      return yield* stages;
    } catch (error) {
      if (error instanceof StepFailed) return leave("failed");
      throw error;
    }
  }

  /** A look at what somebody else manages. @throws Stopped when the reason has been reported; Error otherwise */
  async *read(goal: ReadGoal): Stages {
    const urn = this.claim(goal);
    const old = this.registrations.findOld(goal, urn);
    return yield* this.guarded(goal, urn, old, this.look(goal, urn, old));
  }

  private async *look(goal: ReadGoal, urn: string, old: ResourceState | undefined): Stages {
    this.registrations.decide(urn, old);
    const next: ResourceState = { ...stateOf(goal, urn, old), id: goal.id, external: true };
    // In a preview it may not be known yet which it is.
    if (goal.id !== UNKNOWN) yield await Promise.resolve([{ op: "read", after: [], old, next }]);
    return { state: next, urn, outcome: "done" };
  }

  /** The last phase: what the program no longer wants. @returns undefined when that is refused; the reasons have been reported */
  deletions(): readonly Step[] | undefined {
    const isRegistered = (oldUrn: string): boolean => this.registrations.has(oldUrn);
    const { run, targets, before } = this;
    const unfinished = this.registrations.oldNames(this.unfinished);
    return finalDeletions({ run, targets, before, isRegistered, unfinished });
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

  /** Whether something that a resource needs has failed, or was left alone for that. What it would have given is not known. */
  private needsUnfinished(wanted: ResourceState): boolean {
    if (this.unfinished.size === 0) return false;
    const needs = [...referencesOf(wanted)];
    if (needs.some((needed) => this.unfinished.has(needed))) return true;
    const needsAbsent = needs.some((needed) => this.absent.has(needed));
    return !this.run.preview && !needsAbsent && containsUnknown(wanted.inputs);
  }

  private refuseAbsentDependencies(wanted: ResourceState): void {
    const missing = [...referencesOf(wanted)].find((needed) => this.absent.has(needed));
    if (missing === undefined) return;
    throw new Error(`${wanted.urn} needs ${missing}, which does not exist and ${this.targets.reason}`);
  }

  /** Not a target: stays as it is, or is not created. @returns undefined for one that was condemned all the same. */
  private leave(
    wanted: ResourceState,
    old: ResourceState | undefined,
  ): { steps: readonly Step[]; result: Registered } | undefined {
    const { urn } = wanted;
    if (old && this.departures.of(old)) return undefined;
    this.registrations.decide(urn, old);
    if (!old) {
      this.absent.add(urn);
      return { steps: [], result: { state: wanted, urn, outcome: "skipped" } };
    }
    // Deleted by an earlier run to make room, it is in the state for what refers to it; nothing can be made of what it was.
    if (old.pendingReplacement) this.absent.add(urn).add(old.urn);
    // The program is told the old name.
    if (old.urn !== urn) this.registrations.keepName(old);
    const next = { ...old };
    return {
      steps: [{ op: "same", after: [], old, next, imported: false }],
      result: { state: next, urn, outcome: "done" },
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
