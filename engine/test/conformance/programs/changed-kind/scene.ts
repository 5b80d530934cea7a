import type { Act } from "../../../support/scenes";

/** TestComponentToCustomUpdate. */
export const acts: readonly Act[] = [{}, { step: 2 }, { run: ["refresh"] }, { step: 3 }];
