import type { Act } from "../../../support/scenes";

/** TestProtect, TestDBRProtect, TestProtectInheritance, TestProtectedDeleteChainsWithDuplicateDeletedResources. */
export const acts: readonly Act[] = [
  {},
  { step: 2, refuses: /protect/ },
  { step: 1, run: ["destroy"], targets: ["f"], refuses: /protect/ },
  { step: 1 },
  { step: 3 },
  { step: 4 },
  { run: ["refresh"] },
];
