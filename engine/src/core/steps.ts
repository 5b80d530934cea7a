/**
 * The steps: one function for each thing that can be done to a resource. Each announces itself, calls the provider, brings the state
 * up to date, and says how it ended.
 *
 * INVARIANTS
 * - The state names a pending operation, durably, before the provider call that makes the change begins.
 * - The result is durable before a step ends, so the program never holds an id that the state does not know.
 * - What exists is in the state: a step that fails half-way stores what the provider said is there.
 */
import type { PendingOperationKind, PropertyChange, ResourceState, StepOp } from "../model";
import { ResourceInitError, type Attempt } from "../provider";
import { additions } from "./changes";
import { ProviderLostError } from "./grpc-provider";
import type { Lifecycle } from "./lifecycle";
import { stepEvent, type Run, type StepSubject } from "./run";
import { protectOutputs } from "./secrecy";
import { isInternal } from "./state";

/** A step failed and was reported, but the run goes on with what is independent of it. */
export class StepFailed extends Error {
  constructor() {
    super("the step failed");
    this.name = "StepFailed";
  }
}

/**
 * Runs one step between its events. A failure is reported, and ends the run unless `stops` is false.
 * @throws Stopped, StepFailed
 */
export async function perform(run: Run, subject: StepSubject, body: () => Promise<void>, stops = true): Promise<void> {
  run.throwIfStopped();
  const startedAt = performance.now();
  run.emit({ type: "step-start", step: stepEvent(subject) });
  try {
    await body();
  } catch (error) {
    const step = stepEvent(subject);
    const message = run.mask.apply(error instanceof Error ? error.message : String(error));
    run.emit({ type: "step-failed", step, seconds: run.secondsSince(startedAt), message });
    if (stops && !(error instanceof ProtectedError)) throw run.fail(step.urn, message);
    run.diagnose("error", step.urn, message);
    run.markFailed();
    throw new StepFailed();
  }
  run.emit({ type: "step-done", step: stepEvent(subject), seconds: run.secondsSince(startedAt) });
}

/** A deletion that the user has forbidden. Nothing was touched, so whatever does not need this resource's deletion goes on. */
export class ProtectedError extends Error {
  constructor(urn: string) {
    super(
      `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the \`protect\` ` +
        "option from it in your Pulumi program and run `pulumi up`, or use the command:\n" +
        `\`pulumi state unprotect '${urn.replaceAll("'", "'\\''")}'\``,
    );
    this.name = "ProtectedError";
  }
}

/** Calls a provider between the durable notes of its begin and its end. */
async function mutate<T>(
  run: Run,
  resource: ResourceState,
  kind: PendingOperationKind,
  call: (attempt: string) => Promise<T>,
): Promise<T> {
  // A provider resource has nothing outside of the state that could be left behind.
  if (run.preview || isInternal(resource)) return call("");
  const attempt = await run.store.begin(resource, kind);
  try {
    const result = await call(attempt);
    run.store.end(resource);
    return result;
  } catch (error) {
    // Nobody knows what a provider that died did: the note stays, and the next run tells the user about it.
    if (!(error instanceof ProviderLostError)) run.store.end(resource);
    throw error;
  }
}

async function durable(run: Run): Promise<void> {
  await run.store.flush();
}

/** Takes outputs over into a state, with everything marked that must not be stored in plaintext. */
function takeOutputs(run: Run, next: ResourceState, outputs: ResourceState["outputs"]): void {
  next.outputs = protectOutputs({ ...next, outputs });
  run.learn(next.inputs, next.outputs);
}

export interface Step {
  readonly run: Run;
  readonly next: ResourceState;
  readonly changes?: readonly PropertyChange[];
}

/** Nothing to do but to take over what the program says now. */
export async function same({
  run,
  next,
  old,
  imported = false,
}: Step & { old: ResourceState; imported?: boolean }): Promise<void> {
  await perform(run, { op: "same", old, next }, () => {
    if (old.id !== undefined) next.id = old.id;
    next.outputs = old.outputs;
    if (next.custom) takeOutputs(run, next, next.outputs);
    run.store.carryOver(next, old, differs(old, next));
    return Promise.resolve();
  });
  run.registered.set(next.urn, next);
  // What was imported just now has been counted as that.
  if (!imported) run.count("same", next);
}

/** Where a state comes from in the source, and when it was made, is no reason to write it. */
function differs(old: ResourceState, next: ResourceState): boolean {
  const relevant = ({
    sourcePosition: _p,
    created: _c,
    modified: _m,
    initErrors: _i,
    ...state
  }: ResourceState): string => canonical(state);
  return relevant(old) !== relevant(next);
}

/** JSON in which the order of keys, and what is absent or empty, makes no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === false || (Array.isArray(inner) && inner.length === 0)) return undefined;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export interface CreateStep extends Step {
  /** Undefined for a component: nothing is called. */
  readonly lifecycle: Lifecycle | undefined;
  /** What this one takes the place of. */
  readonly replaced?: ResourceState | undefined;
}

/** How a creation is known by, should this run end in the middle of it. */
function attempt(run: Run, next: ResourceState, name: string): Attempt {
  return {
    name,
    made: (id) => {
      next.id = id;
      // Nobody waits for this save: if it fails, the one that follows fails too and says so.
      run.store.save().catch(() => undefined);
    },
  };
}

export async function create({ run, next, lifecycle, replaced, changes }: CreateStep): Promise<void> {
  const op: StepOp = replaced ? "create-replacement" : "create";
  const finish = (): void => {
    const now = new Date().toISOString();
    next.created = now;
    next.modified = now;
    // INVARIANT: what may still exist outside stays in the state, to be deleted at the end.
    if (replaced && !replaced.pendingReplacement) {
      replaced.delete = true;
      run.store.put(next);
    } else run.store.put(next, replaced);
  };
  await perform(run, { op, old: replaced, next, changes: changes ?? additions(next.inputs) }, async () => {
    try {
      if (lifecycle) {
        const result = await mutate(run, next, "creating", (name) => lifecycle.create(next, attempt(run, next, name)));
        next.id = result.id;
        takeOutputs(run, next, result.outputs);
      }
      finish();
    } catch (error) {
      if (error instanceof ResourceInitError) {
        next.id = error.id;
        next.initErrors = error.reasons.map((reason) => run.mask.apply(reason));
        takeOutputs(run, next, error.outputs);
        finish();
      }
      throw error;
    } finally {
      await durable(run);
    }
  });
  run.registered.set(next.urn, next);
  run.count(replaced ? "replace" : "create", next);
}

export interface UpdateStep extends Step {
  readonly lifecycle: Lifecycle | undefined;
  readonly old: ResourceState;
}

export async function update({ run, next, old, lifecycle, changes = [] }: UpdateStep): Promise<void> {
  if (old.id !== undefined) next.id = old.id;
  await perform(run, { op: "update", old, next, changes }, async () => {
    try {
      if (lifecycle) {
        takeOutputs(run, next, await mutate(run, next, "updating", () => lifecycle.update(old, next)));
        next.modified = new Date().toISOString();
      } else next.outputs = old.outputs;
      run.store.put(next, old);
    } catch (error) {
      if (error instanceof ResourceInitError) {
        // Without a reason it would count as well, and as what it was before.
        const reasons = error.reasons.length > 0 ? error.reasons : [error.message];
        next.initErrors = reasons.map((reason) => run.mask.apply(reason));
        takeOutputs(run, next, error.outputs);
        // What there is was not made well with the new ones.
        next.inputs = old.inputs;
        run.store.put(next, old);
      }
      throw error;
    } finally {
      await durable(run);
    }
  });
  run.registered.set(next.urn, next);
  run.count("update", next);
}

/** Tells that a replacement takes place; what it consists of are steps of their own. */
export async function replace({ run, next, old, changes = [] }: Step & { old: ResourceState }): Promise<void> {
  await perform(run, { op: "replace", old, next, changes }, () => Promise.resolve());
}

export interface DeleteStep {
  readonly run: Run;
  readonly old: ResourceState;
  /** Finds the provider only when it is needed. */
  readonly lifecycle: () => Promise<Lifecycle>;
  /** `delete`: no longer wanted. `delete-replaced`: its replacement exists. `pending`: its replacement comes after it. */
  readonly reason: "delete" | "delete-replaced" | "pending";
}

/** @throws StepFailed for a protected resource, else Stopped */
export async function remove({ run, old, lifecycle, reason }: DeleteStep): Promise<void> {
  const op: StepOp = reason === "delete" ? "delete" : "delete-replaced";
  await perform(run, { op, old }, async () => {
    if (op === "delete" && old.protect) throw new ProtectedError(old.urn);
    const goesWithAnother = old.deletedWith !== undefined && run.deleted.has(old.deletedWith);
    const lives = livesOn(run, old);
    if (lives !== undefined)
      run.diagnose("info", old.urn, `not deleted: it was imported as ${lives.urn}, and lives on as that`);
    try {
      if (!run.preview && old.custom && !old.external && !old.retainOnDelete && !goesWithAnother && !lives) {
        const calls = await lifecycle();
        await mutate(run, old, "deleting", () => calls.delete(old));
      }
      // Only now: a deletion that failed must be tried again, and this mark says that it need not be.
      if (reason === "pending") run.store.markGone(old);
      else run.store.drop(old);
    } finally {
      await durable(run);
    }
  });
  if (op === "delete") run.count("delete", old);
}

/** What was imported under another name too is one thing. (Ids that a provider made up may be alike for things that are not.) */
function livesOn(run: Run, old: ResourceState): ResourceState | undefined {
  if (!old.custom || old.id === undefined) return undefined;
  return run.store.states.find((other) => {
    const same = other !== old && other.type === old.type && other.id === old.id;
    const imported = other.importID !== undefined || old.importID !== undefined;
    // Of its own name, what is deleted are earlier ones: the one that is not marked as such is there.
    const goes = other.urn !== old.urn && run.deleted.has(other.urn);
    return same && imported && !other.delete && !other.pendingReplacement && !goes;
  });
}

export interface ImportStep extends Step {
  readonly id: string;
  readonly lifecycle: Lifecycle;
  /** What the state has under this name: something else, which the imported one replaces. */
  readonly old: ResourceState | undefined;
}

/** Takes what exists outside over into the state; runs in previews too, which then know what there is to change. */
export async function importExisting({ run, next, id, old, lifecycle }: ImportStep): Promise<void> {
  await perform(run, { op: "import", old, next }, async () => {
    const found = await lifecycle.import(next, id);
    if (found.id === "") throw new Error(`resource '${id}' does not exist`);
    if (!found.inputs) throw new Error(`the provider of ${next.type} does not support importing resources`);
    next.id = found.id;
    takeOutputs(run, next, found.outputs);
    next.inputs = found.inputs;
    next.created = next.modified = new Date().toISOString();
    const stays = old && !old.external && !old.pendingReplacement;
    if (stays) old.delete = true;
    run.store.adopt(next, stays ? undefined : old);
    await durable(run);
  });
  run.count("import", next);
}

export interface ReadStep extends Step {
  readonly lifecycle: Lifecycle;
  readonly old: ResourceState | undefined;
}

/** Looks at a resource that somebody else manages; runs in previews too, unless its id is not known yet. */
export async function read({ run, next, old, lifecycle }: ReadStep): Promise<void> {
  await perform(run, { op: "read", old, next }, async () => {
    const { id, outputs } = await lifecycle.read({ ...next, outputs: next.inputs });
    if (id === "") throw new Error(`resource '${next.id ?? ""}' does not exist`);
    next.id = id;
    takeOutputs(run, next, outputs);
    if (old && !old.external && old.id !== next.id) {
      old.delete = true;
      run.store.put(next);
    } else if (old) run.store.carryOver(next, old, differs(old, next));
    else run.store.put(next);
    await durable(run);
  });
  run.registered.set(next.urn, next);
  run.count("read", next);
}
