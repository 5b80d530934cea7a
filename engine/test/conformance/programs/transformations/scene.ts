import type { Act } from "../../../support/scenes";

/** TestTransformOrdering and TestRemoteTransformsOptions, with the transformations that the SDK applies itself. */
export const acts: readonly Act[] = [{}, { step: 2 }, { run: ["refresh"] }, { step: 3, targets: ["b"] }, { step: 3 }];
