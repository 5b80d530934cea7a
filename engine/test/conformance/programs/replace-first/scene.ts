import type { Act } from "../../../support/scenes";

/** TestDeleteBeforeReplace, TestDependencyChangeDBR, TestExplicitDeleteBeforeReplace, TestDBRParallel. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3 },
  { run: ["refresh"] },
  { step: 4, targets: ["a"] },
  { step: 4 },
];
