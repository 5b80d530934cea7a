import type { Screen } from "../display/display";
import type { Stack, Workspace } from "../workspace/workspace";
import type { Flags } from "./flags";
import { refuseVariables } from "./variables";

/** This engine's version, as `version` prints it and as the states that it writes name it. */
export const VERSION = "v0.1.0-embedded";

/** The outside of a command: replaced in tests. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** What was piped in; undefined when standard input is a terminal. */
  readInput(): Promise<string | undefined>;
  /** Asks for a line. @param hidden for secrets. */
  ask(question: string, hidden?: boolean): Promise<string>;
  readonly screen: Screen;
  /** Whether somebody is there to answer. */
  readonly interactive: boolean;
}

/** What a command is run with. */
export interface CommandContext {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly terminal: Terminal;
}

export type CommandRun = (context: CommandContext) => Promise<number>;

/** Loads what reads YAML and state only now: `--help`, `version` and a mistyped flag answer at once. */
export async function openWorkspace(): Promise<Workspace> {
  refuseVariables("states");
  const { Workspace: loaded } = await import("../workspace/workspace");
  return loaded.open(process.cwd(), VERSION);
}

/** The workspace and the stack that `--stack` or the selection names. */
export async function openStack(context: CommandContext): Promise<{ workspace: Workspace; stack: Stack }> {
  const { flags, terminal } = context;
  const workspace = await openWorkspace();
  const stack = await workspace.requireStack(flags.text("stack"), flags.text("config-file"));
  const empty = stack.config.withoutValue();
  if (empty.length > 0) {
    terminal.err(
      `warning: ${stack.config.file} has no value for ${empty.join(", ")}. This is treated as empty text, as the Pulumi CLI does now; ` +
        'set it to "" to say so\n',
    );
  }
  return { workspace, stack };
}

/** Says yes to every question. */
export function saysYes({ flags }: CommandContext): boolean {
  const always = process.env.PULUMI_SKIP_CONFIRMATIONS;
  return flags.is("yes") || always === "true" || always === "1";
}
