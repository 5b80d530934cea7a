import type { Act } from "../../../support/scenes";

/** TestAliases, TestParentAlias, TestEmptyParentAlias, TestAliasesInDependenciesAreNormalized and those beside them. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { run: ["refresh"] },
  // What is renamed is what it was, for a run about something else too.
  { step: 3, targets: ["d"] },
  { step: 3 },
  { step: 3, gone: ["a"], run: ["refresh"] },
  { step: 3 },
];
