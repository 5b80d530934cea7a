import type { Display, DisplayOptions } from "../display/display";
import { EventStream, PreviewDigest } from "../display/json-display";
import { LiveDisplay } from "../display/live-display";
import { PlainDisplay } from "../display/plain-display";
import type { DeploymentKind } from "../model";
import type { StackName } from "../state/file-backend";
import type { CommandContext } from "./context";

const TITLES: Record<DeploymentKind, string> = {
  preview: "Previewing update",
  update: "Updating",
  refresh: "Refreshing",
  destroy: "Destroying",
};

/** Prints the title, and starts the display that fits the terminal and the flags. */
export function beginDisplay(
  { flags, terminal }: CommandContext,
  kind: DeploymentKind,
  { project, stack }: StackName,
  programFolder: string,
  secretKeys: ReadonlySet<string>,
): Display {
  const options: DisplayOptions = {
    kind,
    project,
    stack,
    programFolder,
    showSecrets: flags.is("show-secrets"),
    diff: flags.is("diff") || kind === "preview",
    debug: flags.is("debug"),
    suppressOutputs: flags.is("suppress-outputs"),
  };
  const { screen } = terminal;
  if (flags.is("json")) {
    return kind === "preview" ? new PreviewDigest(screen, secretKeys) : new EventStream(screen, options, secretKeys);
  }
  terminal.out(`${TITLES[kind]} (${stack}):\n\n`);
  const live = screen.size !== undefined && !flags.is("suppress-progress") && !flags.is("non-interactive");
  return live ? new LiveDisplay(screen, options).start() : new PlainDisplay(screen, options);
}
