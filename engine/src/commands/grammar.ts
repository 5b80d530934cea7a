/** What a command consists of, and what all commands have in common. */
import type { CommandRun } from "./context";
import type { ArgumentSpec, FlagSpec } from "./flags";

/** A command of the CLI's grammar. */
export interface CommandSpec {
  /** Words after `pulumi`; the first is the one that help shows. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly args?: readonly ArgumentSpec[];
  readonly flags?: readonly FlagSpec[];
  /** Loads the code only when the command is run. */
  readonly load: () => Promise<CommandRun>;
}

/** A switch. */
export const boolean = (name: string, help: string, short?: string): FlagSpec => ({
  name,
  kind: "boolean",
  help,
  ...(short === undefined ? {} : { short }),
});

/** Known to every command. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: "cwd", short: "C", kind: "string", help: "Run as if started in another folder" },
  { name: "stack", short: "s", kind: "string", help: "The stack to operate on. Defaults to the current stack" },
  { name: "config-file", kind: "string", help: "Use this file instead of Pulumi.<stack>.yaml" },
  boolean("non-interactive", "Never ask; refuse instead"),
  { name: "color", kind: "string", help: "always, never or auto" },
  boolean("help", "Show this help", "h"),
];
