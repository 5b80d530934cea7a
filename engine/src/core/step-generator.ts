/**
 * Decides, for each registration, what is to be done, and does it.
 *
 * INVARIANTS
 * - Registrations are checked and diffed concurrently; decisions are taken one at a time (`deciding`). A decision may condemn resources
 *   that have not been decided yet; such a one notices when its own turn comes, and starts over as one to be created again.
 * - What was decided is never condemned afterwards.
 * - A resource that was deleted to make room is created again only when its deletion has ended; whether or not it is a target.
 */
import type { PropertyChange, ResourceState } from "../model";
import type { DiffResult } from "../provider";
import { aliasUrns } from "./aliases";
import { changesOf, compare, withoutHiddenDiffs } from "./changes";
import { deferred } from "./deferred";
import { dependentReplacements } from "./dependents";
import { applyReplaceOnChanges, ignoreChanges, needsReplacement, settle } from "./diffing";
import type { Goal } from "./goal";
import { DIFF_UNAVAILABLE, type Lifecycle } from "./lifecycle";
import { Mutex } from "./limiter";
import type { ProviderRegistry } from "./provider-registry";
import type { Recovery } from "./recovery";
import { Stopped, type Run } from "./run";
import { referencesOf, stateOf } from "./state";
import * as steps from "./steps";
import type { Targets } from "./targets";
import { createUrn, isProviderType } from "./urn";
import { deepEqual } from "./values";

const NO_DIFF: DiffResult = { changes: "none", replaces: [], diffs: [], deleteBeforeReplace: false };

/** A registration on its way to a decision. */
interface Candidate {
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

type Chain = () => Promise<void>;

export class StepGenerator {
  private readonly olds = new Map<string, ResourceState>();
  private readonly registering = new Set<string>();
  private readonly decided = new Set<string>();
  /** New URN to old URN, and back, of resources found under an alias. */
  private readonly oldUrns = new Map<string, string>();
  private readonly newUrns = new Map<string, string>();
  /** New URNs of what this run replaces, in whichever order. */
  private readonly replaced = new Set<string>();
  /** Deletions that make room for a replacement, by old URN. */
  private readonly makingRoom = new Map<string, Promise<void>>();
  /** The same of each state, those included that were to be deleted anyway. */
  private readonly departures = new Map<ResourceState, Promise<void>>();
  private readonly skipped = new Set<string>();
  private readonly imported = new Set<string>();
  private readonly deciding = new Mutex();

  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly targets: Targets,
    private readonly recovery: Recovery,
  ) {
    for (const state of run.store.olds) if (!state.delete) this.olds.set(state.urn, state);
  }

  /** Whether the program has registered what the state knows under this URN. */
  isRegistered(oldUrn: string): boolean {
    return this.decided.has(oldUrn) || this.newUrns.has(oldUrn);
  }

  /** What the program has registered, whether it was a target or not. */
  urns(): Iterable<string> {
    return this.registering;
  }

  isSkipped(urn: string): boolean {
    return this.skipped.has(urn);
  }

  /** @returns the state after the step. @throws Stopped when the run ends instead; the reason has been reported. */
  async register(goal: Goal): Promise<ResourceState> {
    this.run.throwIfStopped();
    const { stack, project } = this.run.options;
    const urn = createUrn({ stack, project, type: goal.type, name: goal.name, parent: goal.parent });
    this.claim(urn, goal.parent);
    this.run.learn(goal.inputs);
    try {
      return await this.process(goal, urn);
    } catch (error) {
      if (error instanceof Stopped) throw error;
      throw this.run.fail(urn, error instanceof Error ? error.message : String(error));
    }
  }

  /** Reserves a URN. @throws Stopped for one that is taken or whose parent nobody knows. */
  claim(urn: string, parent: string): void {
    if (this.registering.has(urn)) {
      throw this.run.fail(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    if (this.newUrns.has(urn)) {
      throw this.run.fail(
        urn,
        `'${urn}' is an earlier name of '${this.newUrns.get(urn) ?? ""}', by its aliases; remove that alias`,
      );
    }
    if (parent !== "" && !this.registering.has(parent)) {
      throw this.run.fail(urn, `could not find parent resource ${parent}`);
    }
    this.registering.add(urn);
  }

  /** The old state, under this URN or one of its aliases. */
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

  markDecided(urn: string, old: ResourceState | undefined): void {
    this.decided.add(urn);
    if (old) this.decided.add(old.urn);
  }

  private rename(oldUrn: string, urn: string): void {
    const other = this.registering.has(oldUrn) ? oldUrn : this.newUrns.get(oldUrn);
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

  private async process(goal: Goal, urn: string): Promise<ResourceState> {
    const known = this.findOld(goal, urn);
    if (!this.targets.includes(urn) && !isImplicitTarget(goal)) {
      const skipped = await this.deciding.run(() => this.skip(goal, urn, known));
      if (skipped) return skipped;
      // It had to go for a target's replacement, so it is made again.
    }
    this.refuseSkippedDependencies(goal, urn);
    const old = isImport(goal, known) ? await this.import(goal, urn, known) : known;
    for (;;) {
      const candidate = await this.propose(goal, urn, old);
      const chain = await this.deciding.run(() => this.decide(candidate));
      if (!chain) continue;
      await chain();
      this.settleProvider(candidate);
      return candidate.next;
    }
  }

  /** Check and diff. Changes nothing, so it may be done again. */
  private async propose(goal: Goal, urn: string, old: ResourceState | undefined): Promise<Candidate> {
    const recreating = old !== undefined && (old.pendingReplacement === true || this.makingRoom.has(old.urn));
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
    if (old.taint && old.custom) return "id";
    // What is deleted with another goes when that one is replaced, so it has to be made again too.
    return next.deletedWith !== undefined && this.replaced.has(next.deletedWith) ? "deletedWith" : undefined;
  }

  /** @returns undefined when the resource was condemned since it was proposed: propose again. */
  private async decide(candidate: Candidate): Promise<Chain | undefined> {
    const { run } = this;
    const { old, next, lifecycle, recreating, urn, diff } = candidate;
    run.throwIfStopped();
    if (old && !recreating && this.makingRoom.has(old.urn)) return undefined;
    this.markDecided(urn, old);
    if (!old) return this.limited(() => steps.create({ run, next, lifecycle }));
    if (recreating) {
      if (!this.makingRoom.has(old.urn)) this.refuseImported(candidate.goal, urn, []);
      run.deleted.delete(old.urn);
      this.replaced.add(urn);
      return async () => {
        await this.makingRoom.get(old.urn);
        const changes = withoutHiddenDiffs(compare(old.inputs, next.inputs), next.hideDiff ?? []);
        await steps.replace({ run, next, old, changes });
        await this.limited(() => steps.create({ run, next, lifecycle, replaced: old, changes }))();
      };
    }
    if (old.external) {
      return this.limited(() => steps.create({ run, next, lifecycle, replaced: old }));
    }
    const retries = (old.initErrors ?? []).length > 0;
    if (diff.changes !== "some" && !retries) {
      return () => steps.same({ run, next, old, imported: this.imported.has(urn) });
    }
    if (diff.changes === "some" && needsReplacement(diff)) return this.replacement(candidate, old);
    const changes = this.changes(candidate, old);
    return this.limited(() => steps.update({ run, next, old, lifecycle, changes }));
  }

  private changes({ diff, next }: Candidate, old: ResourceState): PropertyChange[] {
    const changes = changesOf(diff, { oldInputs: old.inputs, oldOutputs: old.outputs, newInputs: next.inputs });
    return withoutHiddenDiffs(changes, next.hideDiff ?? []);
  }

  private async replacement(candidate: Candidate, old: ResourceState): Promise<Chain> {
    const { run } = this;
    const { goal, next, lifecycle, diff, urn } = candidate;
    if (old.protect && next.protect) this.refuseReplacement(urn);
    this.refuseImported(goal, urn, diff.replaces);
    // Defaults such as an automatic name were carried over from the old one; the new one needs its own.
    if (lifecycle) next.inputs = await lifecycle.check(urn, goal.inputs, undefined);
    this.replaced.add(urn);
    const changes = this.changes(candidate, old);
    if (!(goal.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
      return async () => {
        await this.limited(() => steps.create({ run, next, lifecycle, replaced: old, changes }))();
        await steps.replace({ run, next, old, changes });
      };
    }
    const makeRoom = await this.condemn(old);
    return async () => {
      await makeRoom();
      await steps.replace({ run, next, old, changes });
      await this.limited(() => steps.create({ run, next, lifecycle, replaced: old, changes }))();
    };
  }

  /** Marks a resource and those that cannot outlive it as going, and gives back what deletes them. */
  private async condemn(old: ResourceState): Promise<Chain> {
    const dependents = await dependentReplacements(old, {
      olds: this.run.store.olds,
      isDecided: (urn) => this.decided.has(urn),
      lifecycle: (state) => this.registry.lifecycle(state.type, state.provider),
    });
    const departure = (state: ResourceState): Promise<void> | undefined =>
      this.departures.get(state) ?? (state.delete ? undefined : this.makingRoom.get(state.urn));
    // What goes already, for another replacement, goes once; but what it needs has to wait for it here too.
    const before = dependents.flatMap((state) => departure(state) ?? []);
    // Dependents first, the last of them first of all.
    const going = [old, ...dependents].filter((state) => departure(state) === undefined).reverse();
    const guarded = going.find((state) => state !== old && state.protect && !state.delete);
    if (guarded) this.refuseReplacement(guarded.urn, old.urn);
    const start = deferred();
    let last: Promise<void> = start.promise.then(() => Promise.all(before)).then(() => undefined);
    for (const state of going) {
      last = last.then(this.limited(() => this.removeForReplacement(state)));
      this.departures.set(state, last);
      // One that was to be deleted anyway makes room for nobody: its namesake lives on.
      if (!state.delete) {
        this.run.deleted.add(state.urn);
        this.makingRoom.set(state.urn, last);
      }
      // Whoever waits for it sees the failure; nobody has to.
      last.catch(() => undefined);
    }
    return () => {
      start.resolve();
      return last;
    };
  }

  private removeForReplacement(state: ResourceState): Promise<void> {
    const lifecycle = (): Promise<Lifecycle> => this.registry.lifecycle(state.type, state.provider);
    return steps.remove({ run: this.run, old: state, lifecycle, reason: state.delete ? "delete-replaced" : "pending" });
  }

  /** A preview shows the rest of what would happen. @throws Stopped otherwise */
  private refuseReplacement(urn: string, because?: string): void {
    const message =
      `unable to replace resource "${urn}"${because === undefined ? "" : ` as part of replacing "${because}"`}\n` +
      "as it is currently marked for protection. To unprotect the resource, remove the `protect` option from it in your Pulumi " +
      "program and run `pulumi up`";
    if (!this.run.preview) throw this.run.fail(urn, message);
    this.run.diagnose("error", urn, message);
    this.run.markFailed();
  }

  /** What the program names by its id is what it wants: a replacement would be another thing, and the end of this one. */
  private refuseImported({ importId }: Goal, urn: string, replaces: readonly string[]): void {
    if (importId === "") return;
    const because = replaces.length === 0 ? "" : ` (replacing because of: ${replaces.join(", ")})`;
    const message =
      "previously-imported resources that still specify an ID may not be replaced; please remove the `import` declaration from " +
      `your program, or make its inputs those of '${importId}'${because}`;
    if (!this.run.preview) throw new Error(message);
    this.run.diagnose("warning", urn, message);
  }

  /** @returns what was imported; from there on it is a resource of the state like any other. */
  private async import(goal: Goal, urn: string, old: ResourceState | undefined): Promise<ResourceState> {
    const { run } = this;
    if (old?.protect && goal.protect) this.refuseReplacement(urn);
    const lifecycle = await this.registry.lifecycle(goal.type, goal.provider);
    const next = stateOf(goal, urn, undefined);
    this.imported.add(urn);
    await run.limiter.run(() => steps.importExisting({ run, next, id: goal.importId, old, lifecycle }));
    return next;
  }

  private refuseSkippedDependencies(goal: Goal, urn: string): void {
    const missing = [...referencesOf(stateOf(goal, urn, undefined))].find((needed) => this.skipped.has(needed));
    if (missing === undefined) return;
    throw new Error(
      `${urn} needs ${missing}, which does not exist yet and is not among the targets: add it to the targets`,
    );
  }

  /** Not a target: stays as it is, or is not created. @returns undefined for one that was condemned all the same. */
  private async skip(goal: Goal, urn: string, old: ResourceState | undefined): Promise<ResourceState | undefined> {
    if (old && this.makingRoom.has(old.urn)) return undefined;
    this.markDecided(urn, old);
    if (!old) {
      this.skipped.add(urn);
      return stateOf(goal, urn, undefined);
    }
    if (old.urn !== urn) {
      // The program is told the old name, and its children and dependents know it by that.
      this.run.store.keepName(old.urn);
      this.registering.add(old.urn);
    }
    const next = { ...old };
    await steps.same({ run: this.run, next, old });
    this.run.registered.set(urn, next);
    return next;
  }

  /** A provider resource that stays the same is loaded with the settings that the state has; a renamed one answers to both names. */
  private settleProvider({ next, old, urn }: Candidate): void {
    if (!isProviderType(next.type) || next.id === undefined) return;
    const loading = this.registry.load(urn, next.id, (old ?? next).inputs);
    loading.catch(() => undefined);
    if (old && old.urn !== urn) this.registry.alias(old.urn, urn, next.id);
  }

  private limited(step: () => Promise<void>): Chain {
    return async () => {
      await this.recovery.beforeChanges();
      await this.run.limiter.run(step);
    };
  }
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
