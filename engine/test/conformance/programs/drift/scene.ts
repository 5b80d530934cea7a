import type { Act } from "../../../support/scenes";

/** TestRefreshWithDelete, TestRefreshDeleteDependencies, TestRefreshDeletePropertyDependencies, TestRefreshDeleteDeletedWith, TestRefreshDeletedResourceWithChild, TestRefreshPreservesInputsWhenReadReturnsNoInputs. */
export const acts: readonly Act[] = [
  {},
  { drift: { told: { size: 8 }, untold: { size: 8 } }, run: ["refresh"] },
  {},
  { drift: { told: { size: 9 }, untold: { size: 9 } }, run: ["refresh"], targets: ["told"] },
  { run: ["up", "--refresh"] },
  { gone: ["a"], run: ["refresh"] },
  {},
  { step: 2, gone: ["a", "told"], run: ["up", "--refresh"] },
  { step: 2, gone: ["below-a"], run: ["refresh"], targets: ["a"] },
  { step: 2, gone: ["a"], run: ["destroy", "--refresh"] },
];
