import { PlainDisplay } from "../display/plain-display";
import type { EngineEvent, Snapshot, StepEvent } from "../model";
import type { StackName } from "../state/file-backend";
import type { CommandContext } from "./context";

/** Shows what a destroy will delete. The engine need not be asked: it is what the state holds. */
export function showDestroyPlan(
  context: CommandContext,
  { project, stack }: StackName,
  programFolder: string,
  snapshot: Snapshot,
): void {
  const { terminal, flags } = context;
  terminal.out(`Previewing destroy (${stack}):\n\n`);
  const display = new PlainDisplay(terminal.screen, {
    kind: "preview",
    project,
    stack,
    programFolder,
    showSecrets: false,
    diff: false,
    debug: false,
    suppressOutputs: true,
  });
  const targets = flags.list("target");
  const doomed = snapshot.resources.filter(({ urn }) => targets.length === 0 || targets.includes(urn)).reverse();
  const steps = doomed.map((old): StepEvent => {
    const internal = old.type.startsWith("pulumi:providers:");
    return { op: "delete", urn: old.urn, resourceType: old.type, internal, old, changes: [] };
  });
  for (const step of steps) display.onEvent({ type: "step-done", step, seconds: 0 });
  const summary: EngineEvent = {
    type: "summary",
    summary: {
      kind: "preview",
      counts: { delete: steps.filter(({ internal }) => !internal).length },
      seconds: 0,
      failed: false,
      interrupted: false,
    },
  };
  display.onEvent(summary);
  display.finish();
}
