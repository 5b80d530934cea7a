import type { Act } from "../../../support/scenes";

/** TestSingleResourceIgnoreChanges, TestDropIgnoredChanges. */
export const acts: readonly Act[] = [{}, { step: 2 }, { step: 2, run: ["refresh"] }, { step: 3 }, { step: 4 }];
