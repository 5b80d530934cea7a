import type { Act } from "../../../support/scenes";

/** TestUpdateTarget, TestCreateDuringTargetedUpdate_*, TestEnsureUntargetedSame, TestUntargetedComponentResource, TestUntargetedSameStepsAcceptDeletedResources. */
export const acts: readonly Act[] = [
  {},
  { step: 2, targets: ["b"] },
  { step: 2, targets: ["fresh"] },
  { step: 2, targets: ["group"] },
  { step: 2, targets: ["child", "dropped"] },
  { step: 2, targets: ["lonely"], refuses: /circle/ },
  { step: 2, targets: ["circle", "lonely"] },
  { step: 3 },
];
