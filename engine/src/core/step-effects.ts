/**
 * What each step does: it calls the provider and brings the state up to date.
 *
 * INVARIANTS
 * - The state names a pending operation, durably, before the provider call that makes the change begins.
 * - The result is durable before a step ends, so the program never holds an id that the state does not know.
 * - What exists is in the state: a step that fails half-way stores what the provider said is there.
 */
import type { PendingOperationKind, ResourceState } from "../model";
import { ResourceInitError, type Attempt } from "../provider";
import { ProviderLostError } from "./grpc-provider";
import type { Lifecycle } from "./lifecycle";
import type { ProviderRegistry } from "./provider-registry";
import { refreshResource } from "./refresh-effect";
import type { Run } from "./run";
import { protectOutputs } from "./secrecy";
import { isInternal } from "./state";
import type {
  CreateReplacementStep,
  CreateStep,
  DeleteReplacedStep,
  DeleteStep,
  ImportStep,
  ReadStep,
  SameStep,
  ShownStep,
  UpdateStep,
} from "./step";
import { isProviderType } from "./urn";

/** What the steps work with. */
export interface Effects {
  readonly run: Run;
  readonly registry: ProviderRegistry;
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

/** Does what a step says. @throws whatever the provider or the state file reports */
export async function effectOf(step: ShownStep, effects: Effects): Promise<void> {
  switch (step.op) {
    case "same":
      same(step, effects);
      return;
    case "create":
    case "create-replacement":
      return create(step, effects);
    case "update":
      return update(step, effects);
    case "replace":
      return;
    case "delete":
    case "delete-replaced":
      return remove(step, effects);
    case "import":
      return importExisting(step, effects);
    case "read":
      return read(step, effects);
    case "refresh":
      return refreshResource(step, effects);
  }
}

/** The calls for a resource; a component has none. */
async function callsFor(state: ResourceState, registry: ProviderRegistry): Promise<Lifecycle | undefined> {
  return state.custom ? registry.lifecycle(state.type, state.provider) : undefined;
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

/** Takes outputs over into a state, with everything marked that must not be stored in plaintext. */
function takeOutputs(run: Run, next: ResourceState, outputs: ResourceState["outputs"]): void {
  next.outputs = protectOutputs({ ...next, outputs });
  run.learn(next.inputs, next.outputs);
}

function same({ old, next }: SameStep, { run, registry }: Effects): void {
  if (old.id !== undefined) next.id = old.id;
  next.outputs = old.outputs;
  if (next.custom) takeOutputs(run, next, next.outputs);
  run.store.carryOver(next, old, differs(old, next));
  settleProvider(old, next, registry);
}

/** A provider resource that stays is loaded with the settings that the state has; a renamed one answers to both names. */
function settleProvider(old: ResourceState, next: ResourceState, registry: ProviderRegistry): void {
  if (!isProviderType(next.type) || next.id === undefined) return;
  registry.load(next.urn, next.id, old.inputs).catch(() => undefined);
  if (old.urn !== next.urn) registry.alias(old.urn, next.urn, next.id);
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

async function create(step: CreateStep | CreateReplacementStep, { run, registry }: Effects): Promise<void> {
  const { next } = step;
  const replaced = step.op === "create-replacement" ? step.old : undefined;
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
  const calls = await callsFor(next, registry);
  try {
    if (calls) {
      const result = await mutate(run, next, "creating", (name) => calls.create(next, attempt(run, next, name)));
      next.id = result.id;
      takeOutputs(run, next, result.outputs);
    }
    finish();
    if (replaced) settleProvider(replaced, next, registry);
  } catch (error) {
    if (error instanceof ResourceInitError) {
      next.id = error.id;
      next.initErrors = error.reasons.map((reason) => run.mask.apply(reason));
      takeOutputs(run, next, error.outputs);
      finish();
    }
    throw error;
  } finally {
    await run.store.flush();
  }
}

async function update({ old, next }: UpdateStep, { run, registry }: Effects): Promise<void> {
  const calls = await callsFor(next, registry);
  try {
    if (calls) {
      takeOutputs(run, next, await mutate(run, next, "updating", () => calls.update(old, next)));
      next.modified = new Date().toISOString();
    } else next.outputs = old.outputs;
    run.store.put(next, old);
    settleProvider(old, next, registry);
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
    await run.store.flush();
  }
}

async function remove(step: DeleteStep | DeleteReplacedStep, { run, registry }: Effects): Promise<void> {
  const { old, op } = step;
  if (op === "delete" && old.protect) throw new ProtectedError(old.urn);
  const goesWithAnother = old.deletedWith !== undefined && run.deleted.has(old.deletedWith);
  const lives = livesOn(run, old);
  if (lives !== undefined)
    run.diagnose("info", old.urn, `not deleted: it was imported as ${lives.urn}, and lives on as that`);
  try {
    if (!run.preview && old.custom && !old.external && !old.retainOnDelete && !goesWithAnother && !lives) {
      const calls = await registry.lifecycle(old.type, old.provider);
      await mutate(run, old, "deleting", () => calls.delete(old));
    }
    // Only now: a deletion that failed must be tried again, and this mark says that it need not be.
    if (op === "delete-replaced" && step.makesRoom) run.store.markGone(old);
    else run.store.drop(old);
  } finally {
    await run.store.flush();
  }
}

/** What was imported under another name too is one thing. (Ids that a provider made up may be alike for things that are not.) */
function livesOn(run: Run, old: ResourceState): ResourceState | undefined {
  if (!old.custom || old.id === undefined) return undefined;
  return run.store.states.find((other) => {
    const alike = other !== old && other.type === old.type && other.id === old.id;
    const imported = other.importID !== undefined || old.importID !== undefined;
    // Of its own name, what is deleted are earlier ones: the one that is not marked as such is there.
    const goes = other.urn !== old.urn && run.deleted.has(other.urn);
    return alike && imported && !other.delete && !other.pendingReplacement && !goes;
  });
}

async function importExisting({ id, old, next }: ImportStep, { run, registry }: Effects): Promise<void> {
  const calls = await registry.lifecycle(next.type, next.provider);
  const found = await calls.import(next, id);
  if (found.id === "") throw new Error(`resource '${id}' does not exist`);
  if (!found.inputs) throw new Error(`the provider of ${next.type} does not support importing resources`);
  next.id = found.id;
  takeOutputs(run, next, found.outputs);
  next.inputs = found.inputs;
  next.created = next.modified = new Date().toISOString();
  const stays = old && !old.external && !old.pendingReplacement;
  if (stays) old.delete = true;
  run.store.adopt(next, stays ? undefined : old);
  await run.store.flush();
}

async function read({ old, next }: ReadStep, { run, registry }: Effects): Promise<void> {
  const calls = await registry.lifecycle(next.type, next.provider);
  const { id, outputs } = await calls.read({ ...next, outputs: next.inputs });
  if (id === "") throw new Error(`resource '${next.id ?? ""}' does not exist`);
  next.id = id;
  takeOutputs(run, next, outputs);
  if (old && !old.external && old.id !== next.id) {
    old.delete = true;
    run.store.put(next);
  } else if (old) run.store.carryOver(next, old, differs(old, next));
  else run.store.put(next);
  await run.store.flush();
}
