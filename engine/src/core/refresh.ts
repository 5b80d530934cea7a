/** Reads every resource as it really is, and takes that over into the state. */
import type { PendingOperation, ResourceState, StepOp } from "../model";
import { Stopped, type Run } from "./run";
import { withoutDanglingReferences } from "./snapshot";
import { isAbout } from "./state";
import { StepFailed, type RefreshStep } from "./step";
import type { StepExecutor } from "./step-executor";
import type { Targets } from "./targets";
import { isProviderType } from "./urn";

export interface RefreshContext {
  readonly run: Run;
  readonly executor: StepExecutor;
  readonly targets: Targets;
  /** A refresh by itself counts what it found; one before an update leaves the counts to that. */
  readonly counting: boolean;
}

/** Resources that cannot be read stay as they are; the run has then failed. */
export async function refreshAll(context: RefreshContext): Promise<void> {
  await refreshStates(context.run.store.olds, context);
}

/**
 * Reads what an earlier run was interrupted in the middle of updating or deleting, which may be other than the state says. Where that
 * fails the run has failed, and the operation stays open.
 */
export async function refreshInterrupted(context: Omit<RefreshContext, "counting">): Promise<void> {
  const { store } = context.run;
  const { interruptedChanges } = store;
  if (interruptedChanges.length === 0) return;
  // What is only waiting for its replacement is known to be gone.
  const present = store.olds.filter((old) => !old.pendingReplacement);
  const open = present.filter((old) => interruptedChanges.some((operation) => isAbout(operation, old)));
  for (const operation of interruptedChanges) {
    if (!open.some((old) => isAbout(operation, old))) store.settle(operation);
  }
  await refreshStates(open, { ...context, counting: false });
}

/** {@link refreshAll} for some: those of `chosen`, which are in the state. */
async function refreshStates(chosen: readonly ResourceState[], context: RefreshContext): Promise<void> {
  const { run } = context;
  const { olds } = run.store;
  const targets = context.targets.toRefresh(olds);
  const answered: PendingOperation[] = [];
  const refreshed = await Promise.all(
    olds.map(async (old) => {
      if (!chosen.includes(old)) return old;
      const { state, read } = await refreshOne(old, targets.has(old), context);
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

async function refreshOne(old: ResourceState, isTarget: boolean, context: RefreshContext): Promise<Refreshed> {
  const { run, executor, counting } = context;
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement || !isTarget) {
    if (counting && !old.delete) run.count("same", old);
    return { state: old, read: false };
  }
  const step: RefreshStep = { op: "refresh", after: [], old, next: old, changes: [] };
  try {
    await executor.execute([step]);
  } catch (error) {
    if (error instanceof Stopped || error instanceof StepFailed) return { state: old, read: false };
    throw error;
  }
  if (counting) run.count(resultOf(step), old);
  return { state: step.next, read: true };
}

function resultOf({ old, next, changes }: RefreshStep): StepOp {
  if (!next) return "delete";
  // What was unhealthy before, and is as it was, is no news.
  const unhealthy = next !== old && (next.initErrors ?? []).length > 0;
  return changes.length > 0 || unhealthy ? "update" : "same";
}
