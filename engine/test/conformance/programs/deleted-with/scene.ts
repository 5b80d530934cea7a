import type { Act } from "../../../support/scenes";

/** TestDeletedWith, TestDeletedWithTransitiveChain, TestDeletedWithDependentReplacedOnDeleteBeforeReplace, TestDeletedWithAddedSameStepAsReplace. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3 },
  { step: 4 },
  { step: 5 },
  { run: ["refresh"] },
  { step: 6 },
];
