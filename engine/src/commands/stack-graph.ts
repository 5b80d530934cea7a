import { writeFile } from "node:fs/promises";
import * as path from "node:path";

import { nameOf } from "../display/step-text";
import type { ResourceState } from "../model";
import { EXIT, Failure, messageOf } from "../failure";
import { openStack, type CommandContext } from "./context";

/** What is drawn, as the CLI's flags choose it. */
export interface GraphOptions {
  readonly parentEdges: boolean;
  readonly dependencyEdges: boolean;
  readonly parentColour: string;
  readonly dependencyColour: string;
  readonly shortNames: boolean;
  /** Inserted as it is at the top of the graph. */
  readonly fragment: string;
}

/** `stack graph <file>`: who needs whom, and who is whose child, in DOT. */
export async function graph(context: CommandContext): Promise<number> {
  const { flags, args, terminal } = context;
  const [name = ""] = args;
  const { stack } = await openStack(context);
  const { resources } = await stack.store.loadBlinded();
  const text = graphText(resources, {
    parentEdges: !flags.is("ignore-parent-edges"),
    dependencyEdges: !flags.is("ignore-dependency-edges"),
    parentColour: flags.text("parent-edge-color") ?? "#AA6639",
    dependencyColour: flags.text("dependency-edge-color") ?? "#246C60",
    shortNames: flags.is("short-node-name"),
    fragment: flags.text("dot-fragment") ?? "",
  });
  try {
    await writeFile(path.resolve(name), text);
  } catch (error) {
    throw new Failure(`could not write ${name}: ${messageOf(error)}`);
  }
  terminal.out(`Wrote stack dependency graph to \`${name}\`\n`);
  return EXIT.ok;
}

interface Edge {
  readonly to: string;
  readonly colour: string;
  /** The properties that made the dependency. */
  readonly label: string;
}

/**
 * The graph as the CLI prints it. Vertices are URNs, in their order; an id is given when a vertex is first named. A dependency points
 * from what is needed to who needs it, a parent edge from the child to its parent.
 */
export function graphText(resources: readonly ResourceState[], options: GraphOptions): string {
  const edges = edgesOf(resources, options);
  const ids = new Map<string, string>();
  const idOf = (urn: string): string => {
    const id = ids.get(urn) ?? `Resource${ids.size}`;
    ids.set(urn, id);
    return id;
  };
  const lines = ["strict digraph {"];
  if (options.fragment !== "") lines.push(options.fragment);
  for (const urn of [...edges.keys()].sort()) {
    const id = idOf(urn);
    lines.push(`    ${id} [label="${options.shortNames ? nameOf(urn) : urn}"];`);
    for (const { to, colour, label } of edges.get(urn) ?? []) {
      const attributes = [
        ...(colour === "" ? [] : [`color = "${colour}"`]),
        ...(label === "" ? [] : [`label = "${label}"`]),
      ].join(", ");
      lines.push(`    ${id} -> ${idOf(to)}${attributes === "" ? "" : ` [${attributes}]`};`);
    }
  }
  return `${[...lines, "}"].join("\n")}\n`;
}

/** What leaves each vertex, in the order of the state. Of two states with one URN the later one counts, once for each. */
function edgesOf(resources: readonly ResourceState[], options: GraphOptions): Map<string, Edge[]> {
  const edges = new Map<string, Edge[]>(resources.map(({ urn }) => [urn, []]));
  const states = new Map(resources.map((state) => [state.urn, state]));
  for (const { urn } of resources) {
    const state = states.get(urn);
    if (options.dependencyEdges) {
      for (const needed of state?.dependencies ?? []) {
        const label = propertiesOf(state, needed).join(", ");
        edges.get(needed)?.push({ to: urn, colour: options.dependencyColour, label });
      }
    }
    if (options.parentEdges && state?.parent) {
      edges.get(urn)?.push({ to: state.parent, colour: options.parentColour, label: "" });
    }
  }
  return edges;
}

function propertiesOf(state: ResourceState | undefined, needed: string): string[] {
  const properties = Object.entries(state?.propertyDependencies ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return properties.flatMap(([key, urns]) => urns.filter((urn) => urn === needed).map(() => key));
}
