// The labels that every container, network and volume of a stack carries.
import { must } from "./run.mjs";

export const stackLabel = "wordpress-autoscaling.stack";
export const roleLabel = "wordpress-autoscaling.role";

/** Containers of a stack, running or not: { id, name, role, state }, by name. */
export async function containersOf(stack) {
  const format = `{{.ID}}\t{{.Names}}\t{{.Label "${roleLabel}"}}\t{{.State}}`;
  const args = [
    "container",
    "ls",
    "--all",
    "--no-trunc",
    "--filter",
    `label=${stackLabel}=${stack}`,
    "--format",
    format,
  ];
  const { stdout } = await must("docker", args);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t"))
    .map(([id, name, role, state]) => ({ id, name, role, state }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** Names of a stack's volumes. */
export async function volumesOf(stack) {
  const args = ["volume", "ls", "--quiet", "--filter", `label=${stackLabel}=${stack}`];
  return (await must("docker", args)).stdout.split("\n").filter(Boolean);
}
