/**
 * A container whose creation failed is stored as the real provider stores it: without entrypoints and networkDatas. Both providers then
 * see a difference that replaces, so the next update starts afresh.
 */
import type { DiffResult, JsonObject } from "../../provider";

export function markFailed(outputs: JsonObject): JsonObject {
  return { ...outputs, entrypoints: null, networkDatas: null, mustRun: true };
}

/** Whether the stored outputs are those of a container that did not come up. */
export function hasFailed(outputs: JsonObject): boolean {
  return (outputs["networkDatas"] ?? null) === null;
}

/** One that did not come up is made afresh, whatever else changed. */
export function replaceFailed(diff: DiffResult, oldOutputs: JsonObject): DiffResult {
  if (!hasFailed(oldOutputs)) return diff;
  return {
    changes: "some",
    replaces: [...diff.replaces, "networkDatas"],
    diffs: [...diff.diffs, "networkDatas"],
    deleteBeforeReplace: true,
    detailed: { ...diff.detailed, networkDatas: { kind: "add-replace", inputDiff: false } },
  };
}
