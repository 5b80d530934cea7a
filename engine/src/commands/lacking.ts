import { requireVersion } from "../core/version-range";
import { Failure } from "../failure";
import { withDefaults } from "../workspace/program-config";
import type { Stack, Workspace } from "../workspace/workspace";
import { refuseVariables } from "./variables";

/** What the project or the stack asks for and only the CLI has. @throws Failure */
export function refuseLacking({ project }: Workspace, { config }: Stack, runsProgram: boolean): void {
  refuseVariables("runs");
  try {
    if (project.requiredVersion !== "") requireVersion(project.requiredVersion);
  } catch (error) {
    throw new Failure(`${project.file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lacking = project.lacking.map((reason) => `${project.file}: ${reason}`);
  // A name that a deletion or a refresh finds in the state has been chosen already.
  if (runsProgram && withDefaults(project, config.values()).values.has("pulumi:autonaming"))
    lacking.push("pulumi:autonaming chooses names of resources, and this engine names them in one way only");
  const [reason] = lacking;
  if (reason !== undefined) throw new Failure(`${reason}. Use the Pulumi CLI for it`);
  config.refuseEnvironment();
}
