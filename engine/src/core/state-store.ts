/**
 * The state while a deployment changes it.
 *
 * INVARIANTS
 * - A resource is in `base` (from before this run) or in `fresh` (written by this run), and leaves only when it is gone.
 * - What a snapshot hands out is never modified afterwards: states are copied, inputs and outputs are replaced, not changed.
 * - At most one save runs at a time. A promise of `save()` resolves when a save that began after the call has ended well, so any
 *   number of writers share one; without that, 500 resources would cost 500 writes of 500 resources.
 */
import { randomUUID } from "node:crypto";
import type { PendingOperation, PendingOperationKind, ResourceState, Snapshot } from "../model";
import { deferred, type Deferred } from "./deferred";
import { inDependencyOrder, normalizeSnapshot } from "./snapshot";
import { isAbout } from "./state";

type Saver = (snapshot: Snapshot) => Promise<void>;

export class StateStore {
  private base: ResourceState[];
  private fresh: ResourceState[] = [];
  private readonly operations = new Map<ResourceState, PendingOperation>();
  /** Operations of an earlier run that was cut short: what became of them is not known. */
  private carried: PendingOperation[];
  /** Old URN to new URN. */
  private readonly renamed = new Map<string, string>();
  private dirty = false;
  private queued: Deferred<void> | undefined;
  private saving: Promise<void> | undefined;

  constructor(
    snapshot: Snapshot,
    private readonly saver: Saver | undefined,
  ) {
    this.base = snapshot.resources.map((state) => ({ ...state }));
    this.carried = snapshot.pendingOperations.filter(({ type }) => type !== "reading");
    this.dirty = this.carried.length !== snapshot.pendingOperations.length;
  }

  /** What was there before this run and is not dealt with yet, in dependency order. */
  get olds(): readonly ResourceState[] {
    return this.base;
  }

  /** All that the state has at the moment, what this run has dealt with first. */
  get states(): readonly ResourceState[] {
    return [...this.fresh, ...this.base];
  }

  /** The state with this URN and id, from before this run or written by it. */
  find(urn: string, id: string): ResourceState | undefined {
    return [...this.fresh, ...this.base].find((state) => state.urn === urn && state.id === id);
  }

  /** The creations that an earlier run was cut short in, and that nobody has dealt with since. */
  get interruptedCreations(): readonly PendingOperation[] {
    return this.carried.filter(({ type }) => type === "creating");
  }

  /** The same of updates and deletions: their resources are in the state. */
  get interruptedChanges(): readonly PendingOperation[] {
    return this.carried.filter(({ type }) => type !== "creating");
  }

  /** The ids of everything that the state knows. */
  get ids(): ReadonlySet<string> {
    return new Set([...this.fresh, ...this.base].flatMap(({ id }) => id ?? []));
  }

  /** It is known now what became of an interrupted operation. */
  settle(operation: PendingOperation): void {
    this.carried = this.carried.filter((other) => other !== operation);
    this.dirty = true;
  }

  /** Records that a provider is about to be called; durable when the promise resolves. @returns the attempt's name */
  async begin(resource: ResourceState, type: PendingOperationKind): Promise<string> {
    const attempt = randomUUID();
    this.operations.set(resource, { resource, type, ...(type === "creating" ? { attempt } : {}) });
    try {
      await this.save();
      return attempt;
    } catch (error) {
      // Nothing is going to be called.
      this.operations.delete(resource);
      throw error;
    }
  }

  /** The operation ended; the next save forgets it. */
  end(resource: ResourceState): void {
    if (this.operations.delete(resource)) this.dirty = true;
  }

  /** Takes a new state in, in place of an old one if there is one that is now done with. */
  put(next: ResourceState, replaced?: ResourceState): void {
    if (replaced) this.take(replaced);
    this.fresh.push(next);
    this.dirty = true;
  }

  /** Like {@link put}, for a step that changed nothing that matters: written along with the next real change. */
  carryOver(next: ResourceState, old: ResourceState, changed: boolean): void {
    const wasDirty = this.dirty;
    this.put(next, old);
    this.dirty = wasDirty || changed;
  }

  /** Takes over what was there outside before this run: from now on it is as if the state had always had it. */
  adopt(next: ResourceState, replaced?: ResourceState): void {
    if (replaced) this.drop(replaced);
    this.base = [...this.base, next];
    this.dirty = true;
  }

  /** A resource that no longer exists. */
  drop(state: ResourceState): void {
    this.take(state);
    this.settleAllAbout(state);
  }

  /** The same of one that stays in the state until its replacement is there, for the sake of what refers to it. */
  markGone(state: ResourceState): void {
    state.pendingReplacement = true;
    this.settleAllAbout(state);
    this.dirty = true;
  }

  /** What an earlier run began with something that is gone is of no interest any more. */
  private settleAllAbout(state: ResourceState): void {
    this.interruptedChanges.filter((operation) => isAbout(operation, state)).forEach((each) => this.settle(each));
  }

  private take(state: ResourceState): void {
    this.base = this.base.filter((other) => other !== state);
    this.fresh = this.fresh.filter((other) => other !== state);
    this.dirty = true;
  }

  /** Says that a state object in the store was changed by its owner. */
  touch(): void {
    this.dirty = true;
  }

  rename(oldUrn: string, newUrn: string): void {
    this.renamed.set(oldUrn, newUrn);
  }

  /** A resource that the program calls by a new name keeps its old one: it is none of this run's business. */
  keepName(oldUrn: string): void {
    this.renamed.delete(oldUrn);
  }

  /** Replaces what was there before by what a refresh found. */
  rebase(resources: ResourceState[]): void {
    this.base = resources;
    this.dirty = true;
  }

  snapshot(): Snapshot {
    const { resources, pendingOperations } = normalizeSnapshot(
      { resources: [...this.fresh, ...this.base], pendingOperations: [...this.operations.values(), ...this.carried] },
      this.renamed,
    );
    return { resources: inDependencyOrder(resources), pendingOperations };
  }

  /** Makes everything recorded so far durable. */
  save(): Promise<void> {
    this.dirty = true;
    return this.flush();
  }

  /** Saves if there is something unsaved. */
  flush(): Promise<void> {
    if (!this.saver) return Promise.resolve();
    if (!this.dirty) return this.saving ?? Promise.resolve();
    this.queued ??= deferred();
    this.saving ??= this.drain(this.saver);
    return this.queued.promise;
  }

  private async drain(saver: Saver): Promise<void> {
    try {
      while (this.queued) {
        // One turn of the event loop, so that writers that are ready now share this save.
        await new Promise((resolve) => setImmediate(resolve));
        const { queued } = this;
        this.queued = undefined;
        this.dirty = false;
        try {
          await saver(this.snapshot());
          queued.resolve();
        } catch (error) {
          this.dirty = true;
          queued.reject(error);
        }
      }
    } finally {
      this.saving = undefined;
    }
  }
}
