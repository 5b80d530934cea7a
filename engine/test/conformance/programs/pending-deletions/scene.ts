import type { Act } from "../../../support/scenes";

/** TestUpdateWithPendingDelete, TestDestroyWithPendingDelete, TestPendingDeleteReplacement, TestDestroyWithUntargetedPendingDelete. */
export const acts: readonly Act[] = [
  {},
  { step: 2, fails: ["delete a"], refuses: /delete a: not today/ },
  { step: 2, run: ["refresh"] },
  { step: 2 },
  { step: 3, fails: ["delete a", "delete c"], refuses: /not today/ },
  // Another replacement before the last one is over.
  { step: 4, fails: ["delete c"], refuses: /delete c: not today/ },
  { step: 5, fails: ["delete a", "delete c"], refuses: /not today/ },
  { step: 5, run: ["destroy"], targets: ["b"] },
];
