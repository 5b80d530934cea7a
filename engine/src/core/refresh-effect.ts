/** Reads one resource as it really is. */
import type { ResourceState } from "../model";
import { ResourceInitError, type JsonObject, type ReadResult } from "../provider";
import { compare } from "./changes";
import type { ProviderRegistry } from "./provider-registry";
import type { Run } from "./run";
import { protectOutputs } from "./secrecy";
import type { RefreshStep } from "./step";
import { deepEqual, plaintext } from "./values";

/** Notes in the step what was found. */
export async function refreshResource(
  step: RefreshStep,
  { run, registry }: { readonly run: Run; readonly registry: ProviderRegistry },
): Promise<void> {
  const { old } = step;
  const { result, initErrors } = await readWithErrors(old, run, registry);
  if (result.id === "") {
    step.next = undefined;
    return;
  }
  const { initErrors: _, ...rest } = old;
  const inputs = result.inputs ?? old.inputs;
  const next: ResourceState = { ...rest, id: result.id, inputs, outputs: result.outputs };
  next.outputs = protectOutputs(next);
  if (initErrors.length > 0) next.initErrors = initErrors;
  run.learn(next.inputs, next.outputs);
  step.changes = compare(withoutBookkeeping(old.outputs), withoutBookkeeping(next.outputs));
  const inputsDiffer = !deepEqual(plaintext(old.inputs), plaintext(next.inputs));
  if (step.changes.length === 0 && inputsDiffer) step.changes = compare(old.inputs, next.inputs);
  if (step.changes.length > 0) next.modified = new Date().toISOString();
  const unchanged =
    deepEqual(old.inputs, next.inputs) &&
    deepEqual(old.outputs, next.outputs) &&
    old.id === next.id &&
    deepEqual(old.initErrors ?? [], initErrors);
  if (!unchanged) step.next = next;
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
