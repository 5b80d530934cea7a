import type { Act } from "../../../support/scenes";

/** TestCorrectResourceChosen, TestDuplicatesDueToAliases, TestFailDeleteDuplicateAliases, TestDuplicateAlias. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3, refuses: /alias/i },
  { step: 4 },
  // A new one under the name that the other one had.
  { step: 5, open: "both say that they were `b`" },
];
