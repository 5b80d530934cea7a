/** Replacements that must not take place. A preview says so, and shows the rest of what would happen. */
import type { Goal } from "./goal";
import type { Run } from "./run";

/** Refuses to replace what is protected. @param because what its replacement would be a part of. @throws Stopped */
export function refuseProtected(run: Run, urn: string, because?: string): void {
  const message =
    `unable to replace resource "${urn}"${because === undefined ? "" : ` as part of replacing "${because}"`}\n` +
    "as it is currently marked for protection. To unprotect the resource, remove the `protect` option from it in your Pulumi " +
    "program and run `pulumi up`";
  if (!run.preview) throw run.fail(urn, message);
  run.diagnose("error", urn, message);
  run.markFailed();
}

/**
 * What the program names by its id is what it wants: a replacement would be another thing, and the end of this one.
 * @throws Error
 */
export function refuseImported(run: Run, { importId }: Goal, urn: string, replaces: readonly string[]): void {
  if (importId === "") return;
  const because = replaces.length === 0 ? "" : ` (replacing because of: ${replaces.join(", ")})`;
  const message =
    "previously-imported resources that still specify an ID may not be replaced; please remove the `import` declaration from " +
    `your program, or make its inputs those of '${importId}'${because}`;
  if (!run.preview) throw new Error(message);
  run.diagnose("warning", urn, message);
}
