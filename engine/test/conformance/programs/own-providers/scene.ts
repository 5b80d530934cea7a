import type { Act } from "../../../support/scenes";

/** TestSingleResourceExplicitProviderAliasUpdateDelete, TestProvidersOptionInheritance, TestDefaultProviderInheritance, TestProviderSameStep, TestRefreshWithProviderThatHasDependencies. */
export const acts: readonly Act[] = [
  {},
  { step: 2 },
  { step: 3, targets: ["own"] },
  { step: 3 },
  { run: ["refresh"] },
  { step: 4 },
  { run: ["destroy"], targets: ["below"] },
];
