import type { Act } from "../../../support/scenes";

/** TestReadReplaceStep, TestRelinquishStep, TestTakeOwnershipStep, TestExternalRefresh, TestDestroyWithProgramResourceRead. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 2, drift: { theirs: { size: 5 } }, run: ["refresh"] },
  { step: 2 },
  { step: 3 },
  { step: 4 },
  { step: 2 },
];
