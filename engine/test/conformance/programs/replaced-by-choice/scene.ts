import type { Act } from "../../../support/scenes";

/** TestReplaceOnChanges, TestDBRReplaceOnChanges. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3 },
  { run: ["refresh"] },
  { step: 3, drift: { top: { size: 7 } }, run: ["up", "--refresh"] },
];
