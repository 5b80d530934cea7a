import type { Act } from "../../../support/scenes";

/** TestRetainOnDelete. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3 },
  { step: 3, run: ["destroy"], targets: ["e"] },
  { step: 4 },
];
