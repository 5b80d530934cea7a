import type { Act } from "../../../support/scenes";

/** TestAdditionalSecretOutputs, TestSecretMasked, TestImportThenSecretValueDoesNotReplace, TestComponentOutputs. */
export const acts: readonly Act[] = [{}, { step: 2 }, { run: ["refresh"] }, { step: 3 }, { step: 2, targets: ["d"] }];
