import type { Display, DisplayOptions } from "../display/display";
import { EventStream, PreviewDigest } from "../display/json-display";
import { LiveDisplay } from "../display/live-display";
import { PlainDisplay } from "../display/plain-display";
import type { DeploymentKind } from "../model";
import type { StackName } from "../state/file-backend";
import type { CommandContext } from "./context";

const TITLES: Record<DeploymentKind, { dry: string; real: string }> = {
  preview: { dry: "Previewing update", real: "Previewing update" },
  update: { dry: "Previewing update", real: "Updating" },
  refresh: { dry: "Previewing refresh", real: "Refreshing" },
  destroy: { dry: "Previewing destroy", real: "Destroying" },
};

/** What a run does, and whether it only shows it. */
export interface RunKind {
  readonly kind: DeploymentKind;
  readonly dryRun: boolean;
}

/** Prints the title, and starts the display that fits the terminal and the flags. */
export function beginDisplay(
  { flags, terminal }: CommandContext,
  { kind, dryRun }: RunKind,
  { project, stack }: StackName,
  programFolder: string,
  secretKeys: ReadonlySet<string>,
): Display {
  const options: DisplayOptions = {
    kind,
    preview: dryRun,
    project,
    stack,
    programFolder,
    showSecrets: flags.is("show-secrets"),
    diff: flags.is("diff") || dryRun,
    debug: flags.is("debug"),
    suppressOutputs: flags.is("suppress-outputs"),
  };
  const { screen } = terminal;
  if (flags.is("json")) {
    return dryRun ? new PreviewDigest(screen, secretKeys) : new EventStream(screen, options, secretKeys);
  }
  terminal.out(`${TITLES[kind][dryRun ? "dry" : "real"]} (${stack}):\n\n`);
  const live = screen.size !== undefined && !flags.is("suppress-progress") && !flags.is("non-interactive");
  return live ? new LiveDisplay(screen, options).start() : new PlainDisplay(screen, options);
}
