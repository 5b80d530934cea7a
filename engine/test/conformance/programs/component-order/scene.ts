import type { Act } from "../../../support/scenes";

/** TestComponentDeleteDependencies, TestComponentOutputs, TestDefaultParents, TestResourceReferences, TestSingleComponentDefaultProviderLifecycle. */
export const acts: readonly Act[] = [{}, { step: 2 }, { step: 3 }, { run: ["refresh"] }, { step: 4 }];
