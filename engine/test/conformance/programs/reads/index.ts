import { Thing, step } from "../../world";

// Somebody else's, as far as the second stage can tell.
if (step === 1) new Thing("theirs", { size: 3 }, { retainOnDelete: true });
const seen =
  step === 1 ? undefined : step === 3 ? new Thing("seen", { size: 4 }) : new Thing("seen", {}, { id: "theirs#1" });
if (seen) new Thing("on-seen", { on: seen.size });
