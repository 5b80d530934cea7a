/** Reads every resource as it really is, and takes that over into the state. */
import type { PendingOperation, PropertyChange, ResourceState, StepOp } from "../model";
import { ResourceInitError, type JsonObject, type ReadResult } from "../provider";
import { compare } from "./changes";
import type { ProviderRegistry } from "./provider-registry";
import { Stopped, type Run } from "./run";
import { protectOutputs } from "./secrecy";
import { withoutDanglingReferences } from "./snapshot";
import { isAbout } from "./state";
import { perform, StepFailed } from "./steps";
import type { Targets } from "./targets";
import { isProviderType } from "./urn";
import { deepEqual, plaintext } from "./values";

export interface RefreshContext {
  readonly run: Run;
  readonly registry: ProviderRegistry;
  readonly targets: Targets;
  /** A refresh by itself counts what it found; one before an update leaves the counts to that. */
  readonly counting: boolean;
}

/** Resources that cannot be read stay as they are; the run has then failed. */
export async function refreshAll(context: RefreshContext): Promise<void> {
  await refreshStates(context.run.store.olds, context);
}

/** {@link refreshAll} for some: those of `chosen`, which are in the state. */
export async function refreshStates(chosen: readonly ResourceState[], context: RefreshContext): Promise<void> {
  const { run } = context;
  const { olds } = run.store;
  const answered: PendingOperation[] = [];
  const refreshed = await Promise.all(
    olds.map(async (old) => {
      if (!chosen.includes(old)) return old;
      const { state, read } = await refreshOne(old, context);
      const operations = read ? run.store.interruptedChanges.filter((each) => isAbout(each, old)) : [];
      const operation = operations.at(-1);
      if (!operation) return state;
      answered.push(...operations);
      return state && { ...state, initErrors: [`an earlier run was interrupted while ${operation.type} it`] };
    }),
  );
  const remaining = refreshed.filter((state) => state !== undefined);
  answered.forEach((operation) => run.store.settle(operation));
  if (remaining.some((state, i) => state !== olds[i]) || remaining.length !== olds.length) {
    run.store.rebase(remaining.length === olds.length ? remaining : withoutDanglingReferences(remaining, olds));
  }
  await run.store.flush();
}

interface Refreshed {
  /** Undefined when the resource is gone. */
  readonly state: ResourceState | undefined;
  /** Whether it was looked at, and could be. */
  readonly read: boolean;
}

async function refreshOne(old: ResourceState, context: RefreshContext): Promise<Refreshed> {
  const { run, targets } = context;
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement || !targets.includes(old.urn)) {
    if (context.counting && !old.delete) run.count("same", old);
    return { state: old, read: false };
  }
  const found: { next?: ResourceState; gone?: true; changes: PropertyChange[] } = { changes: [] };
  const subject = {
    op: "refresh" as StepOp,
    get old() {
      // A resource that is gone is shown by what it was; otherwise the event says what it was and what it is.
      return old;
    },
    get next() {
      return found.gone ? undefined : (found.next ?? old);
    },
    get changes() {
      return found.changes;
    },
  };
  try {
    await run.limiter.run(() => perform(run, subject, () => look(old, context, found), false));
  } catch (error) {
    if (error instanceof Stopped || error instanceof StepFailed) return { state: old, read: false };
    throw error;
  }
  if (context.counting) run.count(resultOf(found), old);
  return { state: found.gone ? undefined : (found.next ?? old), read: true };
}

function resultOf({ gone, changes, next }: { next?: ResourceState; gone?: true; changes: PropertyChange[] }): StepOp {
  if (gone) return "delete";
  return changes.length > 0 || (next?.initErrors ?? []).length > 0 ? "update" : "same";
}

async function look(
  old: ResourceState,
  { run, registry }: RefreshContext,
  found: { next?: ResourceState; gone?: true; changes: PropertyChange[] },
): Promise<void> {
  const { result, initErrors } = await readWithErrors(old, run, registry);
  if (result.id === "") {
    found.gone = true;
    return;
  }
  const { initErrors: _, ...rest } = old;
  const inputs = result.inputs ?? old.inputs;
  const next: ResourceState = { ...rest, id: result.id, inputs, outputs: result.outputs };
  next.outputs = protectOutputs(next);
  if (initErrors.length > 0) next.initErrors = initErrors;
  run.learn(next.inputs, next.outputs);
  found.changes = compare(withoutBookkeeping(old.outputs), withoutBookkeeping(next.outputs));
  const inputsDiffer = !deepEqual(plaintext(old.inputs), plaintext(next.inputs));
  if (found.changes.length === 0 && inputsDiffer) found.changes = compare(old.inputs, next.inputs);
  if (found.changes.length > 0) next.modified = new Date().toISOString();
  const unchanged =
    deepEqual(old.inputs, next.inputs) &&
    deepEqual(old.outputs, next.outputs) &&
    old.id === next.id &&
    deepEqual(old.initErrors ?? [], initErrors);
  if (!unchanged) found.next = next;
}

/** What Pulumi's bridge notes for itself among the outputs says nothing about the resource. */
function withoutBookkeeping({
  __meta: _m,
  __defaults: _d,
  __pulumi_raw_state_delta: _r,
  ...rest
}: JsonObject): JsonObject {
  return rest;
}

/** An unhealthy resource is no failure of the refresh: the state says so, and the next update tries to mend it. */
async function readWithErrors(
  old: ResourceState,
  run: Run,
  registry: ProviderRegistry,
): Promise<{ result: ReadResult; initErrors: string[] }> {
  try {
    const lifecycle = await registry.lifecycle(old.type, old.provider);
    return { result: await lifecycle.read(old), initErrors: [] };
  } catch (error) {
    if (!(error instanceof ResourceInitError)) throw error;
    const reasons = error.reasons.map((reason) => run.mask.apply(reason));
    run.diagnose("warning", old.urn, `Refreshed resource is in an unhealthy state:\n* ${reasons.join("\n* ")}`);
    return { result: { id: error.id, outputs: error.outputs }, initErrors: reasons };
  }
}
