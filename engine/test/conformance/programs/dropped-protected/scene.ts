import type { Act } from "../../../support/scenes";

/** TestMultipleProtectedDeletes, TestProtectInheritance. */
export const acts: readonly Act[] = [
  {},
  { step: 2, refuses: /protect/ },
  { step: 3 },
  { step: 4 },
  { run: ["state", "unprotect", "--all", "--yes"], step: 4 },
];
