import type { Act } from "../../../support/scenes";

/** TestDestroyTarget, TestDestroyTargetWithChildren, TestTargetDestroyDependencyErrors, TestTargetDestroyChildErrors, TestTargetDestroyDeleteFails, TestDeletedWithTargetedDestroy. */
export const acts: readonly Act[] = [
  {},
  { run: ["destroy"], targets: ["b"], refuses: /c\b/ },
  { run: ["destroy"], targets: ["group"], refuses: /child/ },
  { run: ["destroy"], targets: ["c"], fails: ["delete c"], refuses: /delete c: not today/ },
  { run: ["destroy"], targets: ["c", "b"] },
  { run: ["destroy"], targets: ["group", "child"] },
  {},
  { run: ["destroy"], targets: ["a", "b", "c", "below-a", "with-a"] },
  { run: ["refresh"] },
];
