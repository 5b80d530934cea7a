// Where things are in a checkout.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root, wherever a script is called from. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The git-ignored folder for state, passphrase, stamps and logs. */
export const stateDir = join(root, ".state");

/** A log file of the set-up (long output goes there, and its tail is shown on failure). */
export function logFile(name) {
  const folder = join(stateDir, "logs");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.log`);
}
