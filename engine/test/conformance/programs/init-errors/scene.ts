import type { Act } from "../../../support/scenes";

/** TestInitErrorsStep, TestInitErrorsIgnoreChanges, TestRefreshInitFailure. */
export const acts: readonly Act[] = [
  { half: ["create a"], refuses: /a is not well/ },
  { half: ["create c"], refuses: /c is not well/ },
  { half: ["update c"], refuses: /c is not well/ },
  { run: ["refresh"] },
  {},
  { step: 2, half: ["update a"], refuses: /a is not well/ },
  // What it had become, although nothing was well.
  { step: 1 },
  { step: 3, half: ["create d"], refuses: /d is not well/ },
  // It goes as what was made well does.
  { step: 2 },
];
