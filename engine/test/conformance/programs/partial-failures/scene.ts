import type { Act } from "../../../support/scenes";

/** TestUpdatePartialFailure, TestResourceError, TestProgramError, TestStackOutputsProgramError, TestStackOutputsResourceError. */
export const acts: readonly Act[] = [
  { fails: ["create b"], refuses: /create b: not today/ },
  {},
  { step: 2, fails: ["update b"], refuses: /update b: not today/ },
  { step: 2 },
  { step: 3, fails: ["create d"], refuses: /create d: not today/ },
  { step: 3 },
  { step: 4, refuses: /the program's own failure/ },
  { step: 5, fails: ["delete c"], refuses: /delete c: not today/ },
  { step: 5 },
  { step: 5, run: ["destroy"], fails: ["delete b"], refuses: /delete b: not today/ },
];
