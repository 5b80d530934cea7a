import type { DeploymentKind } from "../model";
import { AlreadyReported } from "../failure";
import type { Terminal } from "./context";

/**
 * Asks whether to go on.
 *
 * @param details what to show for "details"; undefined: there is nothing to show.
 * @throws AlreadyReported when the answer is no.
 */
export async function confirmRun(
  terminal: Terminal,
  kind: Exclude<DeploymentKind, "preview">,
  details: string | undefined,
  previewed: boolean,
): Promise<void> {
  const choices = details === undefined ? "yes/no" : "yes/no/details";
  const note =
    kind === "refresh"
      ? "\nNo resources will be modified as part of this refresh; just your stack's state will be.\n"
      : "";
  const question = `\nDo you want to perform this ${kind}${previewed ? "" : " without a preview"}?${note} [${choices}] `;
  for (;;) {
    const answer = (await terminal.ask(question)).trim().toLowerCase();
    if (answer === "yes" || answer === "y") return;
    if (details !== undefined && (answer === "details" || answer === "d")) {
      terminal.out(details);
    } else if (answer === "no" || answer === "n" || answer === "") {
      terminal.out(`confirmation declined, not proceeding with the ${kind}\n`);
      throw new AlreadyReported();
    }
  }
}
