import type { FlagSpec } from "./flags";
import { GLOBAL_FLAGS, type CommandSpec } from "./grammar";

/** What `--help` prints: of all commands, or of one. */
export function helpText(commands: readonly CommandSpec[], command?: CommandSpec): string {
  if (command === undefined) {
    const rows = commands.map(({ names, summary }): [string, string] => [names[0] ?? "", summary]);
    return [
      "An embedded engine for Pulumi programs on Node: Pulumi's grammar, state, config and secrets, without the Pulumi CLI.",
      "",
      "Usage:",
      "  pulumi <command> [flags]",
      "",
      "Commands:",
      ...columns(rows),
      "",
      "Flags of every command:",
      ...columns(GLOBAL_FLAGS.map(describeFlag)),
      "",
      "What is not listed here needs the Pulumi CLI.",
      "",
    ].join("\n");
  }
  const { names, summary, args = [], flags = [] } = command;
  const [name = "", ...aliases] = names;
  const usage = args.map((arg) => (arg.required ? ` <${arg.name}>` : ` [${arg.name}]`)).join("");
  return [
    summary,
    "",
    "Usage:",
    `  pulumi ${name}${usage} [flags]`,
    ...(aliases.length === 0 ? [] : ["", `Also: ${aliases.join(", ")}`]),
    ...(flags.length === 0 ? [] : ["", "Flags:", ...columns(flags.map(describeFlag))]),
    "",
    "Flags of every command:",
    ...columns(GLOBAL_FLAGS.map(describeFlag)),
    "",
  ].join("\n");
}

function describeFlag({ name, short, kind, help }: FlagSpec): [string, string] {
  const value = kind === "boolean" || kind === "optional" ? "" : ` ${kind === "number" ? "n" : "text"}`;
  return [`${short === undefined ? "   " : `-${short},`} --${name}${value}`, help];
}

function columns(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
