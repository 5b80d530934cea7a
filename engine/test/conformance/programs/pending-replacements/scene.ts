import type { Act } from "../../../support/scenes";

/** TestPendingReplaceResumeWithSameGoals, WithDeletedGoals, WithUpdatedGoals, TestPendingReplaceFailureDoesNotViolateSnapshotIntegrity. */
export const acts: readonly Act[] = [
  {},
  { step: 2, fails: ["create a"], refuses: /create a: not today/ },
  // The same again.
  { step: 2 },
  { step: 3, fails: ["create a"], refuses: /create a: not today/ },
  { step: 3, run: ["refresh"] },
  // Something else instead.
  { step: 4 },
  { step: 5, fails: ["delete a"], refuses: /delete a: not today/ },
  { step: 5, fails: ["create b"], refuses: /create b: not today/ },
  // Nothing of the kind any more.
  { step: 6 },
];
