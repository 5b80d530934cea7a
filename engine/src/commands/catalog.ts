/** The commands, each with what it takes and where its code is. */
import type { CommandRun } from "./context";
import {
  CHANGE_FLAGS,
  CONFIG_VALUES,
  continueOnError,
  exclude,
  excludeDependents,
  json,
  path,
  REPLACE_FLAGS,
  RUN_FLAGS,
  showSecrets,
  yes,
} from "./flag-catalog";
import type { ArgumentSpec } from "./flags";
import { boolean, type CommandSpec } from "./grammar";

const deployment = (kind: "up" | "preview" | "destroy" | "refresh") => async (): Promise<CommandRun> =>
  (await import("./deploy"))[kind];

const key: ArgumentSpec = { name: "key", required: true };
const stackName: ArgumentSpec = { name: "stack", required: false };

export const COMMANDS: readonly CommandSpec[] = [
  {
    names: ["up", "update"],
    summary: "Create or update the resources in a stack",
    flags: [...CHANGE_FLAGS, CONFIG_VALUES, exclude(), excludeDependents, ...REPLACE_FLAGS, continueOnError],
    load: deployment("up"),
  },
  {
    names: ["preview", "pre"],
    summary: "Show a preview of updates to a stack's resources",
    flags: [...RUN_FLAGS, CONFIG_VALUES, exclude("x"), excludeDependents, ...REPLACE_FLAGS],
    load: deployment("preview"),
  },
  {
    names: ["destroy", "down", "dn"],
    summary: "Destroy all existing resources in the stack",
    flags: [
      ...CHANGE_FLAGS,
      exclude("x"),
      continueOnError,
      boolean("remove", "Remove the stack as well, when nothing is left"),
    ],
    load: deployment("destroy"),
  },
  {
    names: ["refresh"],
    summary: "Refresh the resources in a stack",
    flags: [
      ...CHANGE_FLAGS,
      exclude("x"),
      excludeDependents,
      boolean(
        "clear-pending-creates",
        "Forget interrupted creations: nothing of them exists, or it was removed by hand",
      ),
    ],
    load: deployment("refresh"),
  },
  {
    names: ["config"],
    summary: "List the configuration values of a stack",
    flags: [json, showSecrets],
    load: async () => (await import("./config")).list,
  },
  {
    names: ["config get"],
    summary: "Get a single configuration value",
    args: [key],
    flags: [json, path],
    load: async () => (await import("./config")).get,
  },
  {
    names: ["config set"],
    summary: "Set a configuration value: config set <key> [--] [value]; the value may be piped in",
    args: [key, { name: "value", required: false }],
    flags: [
      path,
      boolean("secret", "Encrypt the value"),
      boolean("plaintext", "Save the value as plaintext"),
      boolean("raw", "Keep the newline at the end of a piped value"),
      { name: "type", kind: "string", help: "Save as string, bool, int or float" },
    ],
    load: async () => (await import("./config")).set,
  },
  {
    names: ["config set-all"],
    summary: "Set several configuration values: --plaintext key=value --secret key=value",
    flags: [
      path,
      { name: "secret", kind: "list", help: "key=value to encrypt" },
      { name: "plaintext", kind: "list", help: "key=value to save as plaintext" },
    ],
    load: async () => (await import("./config")).setAll,
  },
  {
    names: ["config rm", "config remove", "config delete"],
    summary: "Remove a configuration value",
    args: [key],
    flags: [path],
    load: async () => (await import("./config")).remove,
  },
  {
    names: ["stack"],
    summary: "Show the current stack: resources and outputs",
    flags: [
      showSecrets,
      boolean("show-ids", "Show each resource's id", "i"),
      boolean("show-urns", "Show each resource's URN", "u"),
      boolean("show-name", "Show only the stack's name"),
    ],
    load: async () => (await import("./stack-state")).summary,
  },
  {
    names: ["stack init", "stack new"],
    summary: "Create an empty stack with the given name, and select it",
    args: [stackName],
    flags: [
      boolean("no-select", "Do not select the stack"),
      { name: "secrets-provider", kind: "string", help: "default or passphrase" },
    ],
    load: async () => (await import("./stack")).init,
  },
  {
    names: ["stack select"],
    summary: "Switch to another stack",
    args: [stackName],
    flags: [boolean("create", "Create the stack if there is none of that name", "c")],
    load: async () => (await import("./stack")).select,
  },
  {
    names: ["stack ls", "stack list"],
    summary: "List stacks",
    flags: [json, boolean("all", "Of all projects", "a")],
    load: async () => (await import("./stack")).list,
  },
  {
    names: ["stack rm", "stack remove", "stack delete"],
    summary: "Remove a stack and its configuration",
    args: [stackName],
    flags: [
      yes,
      boolean("force", "Remove it although it still has resources, which are left behind", "f"),
      boolean("preserve-config", "Keep Pulumi.<stack>.yaml"),
      boolean("remove-backups", "Remove the backups of its state as well"),
    ],
    load: async () => (await import("./stack")).remove,
  },
  {
    names: ["stack output"],
    summary: "Show a stack's outputs, or one of them",
    args: [{ name: "property-name", required: false }],
    flags: [json, showSecrets, boolean("shell", "Emit output as a shell script")],
    load: async () => (await import("./stack-state")).output,
  },
  {
    names: ["stack export"],
    summary: "Export a stack's deployment",
    flags: [showSecrets, { name: "file", kind: "string", help: "Write to this file instead of standard output" }],
    load: async () => (await import("./stack-state")).exportState,
  },
  {
    names: ["stack import"],
    summary: "Import a deployment into an existing stack",
    flags: [
      { name: "file", kind: "string", help: "Read this file instead of standard input" },
      boolean("force", "Import although it names another stack", "f"),
    ],
    load: async () => (await import("./stack-state")).importState,
  },
  {
    names: ["stack rename"],
    summary: "Rename an existing stack",
    args: [{ name: "new-stack-name", required: true }],
    load: async () => (await import("./stack-rename")).rename,
  },
  {
    names: ["stack graph"],
    summary: "Export a stack's dependency graph to a file, as DOT",
    args: [{ name: "filename", required: true }],
    flags: [
      boolean("ignore-parent-edges", "Leave out who is whose child"),
      boolean("ignore-dependency-edges", "Leave out who needs whom"),
      { name: "dependency-edge-color", kind: "string", help: 'Colour of dependency edges. Defaults to "#246C60"' },
      { name: "parent-edge-color", kind: "string", help: 'Colour of parent edges. Defaults to "#AA6639"' },
      boolean("short-node-name", "Label each resource with its name instead of its URN"),
      { name: "dot-fragment", kind: "string", help: "DOT to insert at the top, for styles" },
    ],
    load: async () => (await import("./stack-graph")).graph,
  },
  {
    names: ["stack history", "stack hist", "history"],
    summary: "Show what was done to a stack, the latest first",
    flags: [
      json,
      showSecrets,
      { name: "output", kind: "string", help: "default or json" },
      boolean("full-dates", "Full dates instead of relative ones"),
      { name: "page", kind: "number", help: "Which page. Defaults to 1" },
      { name: "page-size", kind: "number", help: "How many a page. Defaults to 10" },
    ],
    load: async () => (await import("./stack-history")).history,
  },
  {
    names: ["state delete", "state remove", "state rm"],
    summary: "Delete resources from a stack's state; what they are outside stays",
    args: [{ name: "resource-urn", required: false, variadic: true }],
    flags: [
      yes,
      boolean("force", "Delete protected ones too"),
      boolean("all", "Delete all resources"),
      boolean("target-dependents", "Delete what depends on them as well"),
    ],
    load: async () => (await import("./state")).remove,
  },
  {
    names: ["state unprotect"],
    summary: "Unprotect resources in a stack's state",
    args: [{ name: "resource-urn", required: false, variadic: true }],
    flags: [yes, boolean("all", "Unprotect all resources")],
    load: async () => (await import("./state")).unprotect,
  },
  {
    names: ["state rename"],
    summary: "Rename a resource in a stack's state",
    args: [
      { name: "resource-urn", required: true },
      { name: "new-name", required: true },
    ],
    flags: [yes],
    load: async () => (await import("./state")).rename,
  },
  {
    names: ["state repair"],
    summary: "Repair an invalid state: sort it, and remove references to what is missing",
    flags: [yes],
    load: async () => (await import("./state")).repair,
  },
  {
    names: ["cancel"],
    summary: "Remove the lock that an update left behind, or holds",
    args: [stackName],
    flags: [yes],
    load: async () => (await import("./stack")).cancel,
  },
  {
    names: ["gen-completion", "completion"],
    summary: "Print a script that completes commands and flags in bash, zsh or fish",
    args: [{ name: "shell", required: true }],
    load: async () => (await import("./completion")).generate(COMMANDS),
  },
  {
    names: ["version"],
    summary: "Print the version",
    load: async () => (await import("./version")).version,
  },
];
