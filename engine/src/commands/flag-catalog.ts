/** Flags that several commands have. */
import type { FlagSpec } from "./flags";
import { boolean } from "./grammar";

export const yes = boolean("yes", "Go on without asking", "y");
export const json = boolean("json", "Emit output as JSON", "j");
export const showSecrets = boolean("show-secrets", "Show secret values in plaintext");
export const path = boolean("path", "The key contains a path to a property in a map or list");
export const expectNoChanges = boolean("expect-no-changes", "Return an error if any changes are proposed or made");

const list = (name: string, help: string, short?: string): FlagSpec => ({
  name,
  kind: "list",
  help,
  ...(short === undefined ? {} : { short }),
});

/** Of everything that runs the engine. */
export const RUN_FLAGS: readonly FlagSpec[] = [
  json,
  showSecrets,
  expectNoChanges,
  boolean("diff", "Show the changes of each property"),
  boolean("debug", "Show debug messages", "d"),
  {
    name: "parallel",
    short: "p",
    kind: "number",
    least: 0,
    help: "How many resource operations run at once; 0 and 1: one after the other. Defaults to 16",
  },
  list("target", "Only this resource (a URN, * and ** for parts of it); may be given several times", "t"),
  boolean("target-dependents", "What needs a --target is one too"),
  { name: "message", short: "m", kind: "string", help: "A message for the stack's history" },
  boolean("suppress-outputs", "Do not show the stack's outputs"),
  boolean("suppress-progress", "Plain lines instead of the live display"),
  { name: "suppress-permalink", kind: "optional", help: "Accepted; there is no permalink" },
  {
    name: "refresh",
    short: "r",
    kind: "optional",
    help: "Refresh the state before; =false: even where Pulumi.yaml says to",
  },
];

/** Of what changes something. */
export const CHANGE_FLAGS: readonly FlagSpec[] = [
  ...RUN_FLAGS,
  yes,
  boolean("skip-preview", "Do not preview before asking or acting", "f"),
  boolean("preview-only", "Only show what would be done"),
];

const EXCLUDE_HELP = "All but this resource (a URN, * and ** for parts of it); may be given several times";
/** `up` alone has no letter for it. */
export const exclude = (short?: string): FlagSpec => list("exclude", EXCLUDE_HELP, short);
export const excludeDependents = boolean("exclude-dependents", "What needs an --exclude is left alone too");
/** Of what runs the program. */
export const REPLACE_FLAGS: readonly FlagSpec[] = [
  list("replace", "Replace this resource (a URN) in any case; may be given several times"),
  list("target-replace", "Stands for --target and --replace of this resource"),
];
export const continueOnError = boolean("continue-on-error", "A failure ends only what needs the resource that failed");

export const CONFIG_VALUES: FlagSpec = {
  name: "config",
  short: "c",
  kind: "list",
  help: "key=value to save in the stack's config",
};
