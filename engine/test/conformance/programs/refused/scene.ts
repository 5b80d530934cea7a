import type { Act } from "../../../support/scenes";

/** TestCheckFailureRecord, TestCheckFailureInvalidPropertyRecord, TestDuplicateURN, TestBadResourceOptionURNs. */
export const acts: readonly Act[] = [
  {},
  { step: 2, refuses: /it is wrong/ },
  { step: 3, refuses: /uplicate/ },
  { step: 4 },
  { step: 4, run: ["refresh"] },
  { step: 1 },
];
