import type { Act } from "../../../support/scenes";

/** TestUpdateWithTargetedResourceChangingParent, TestUpdateWithTargetedParentChildMarkedAsDelete, TestTargetUntargetedParent, TestSplitUpdateComponentAliases. */
export const acts: readonly Act[] = [
  {},
  { step: 2, targets: ["child"] },
  { step: 2 },
  { step: 3, targets: ["stays"] },
  { step: 3 },
  { step: 4, targets: ["one"] },
  { step: 4 },
  { run: ["refresh"] },
];
