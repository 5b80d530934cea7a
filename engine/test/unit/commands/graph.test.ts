import { graphText, type GraphOptions } from "../../../src/commands/stack-graph";
import type { ResourceState } from "../../../src/model";
import { Sandbox } from "./sandbox";

const ALL: GraphOptions = {
  parentEdges: true,
  dependencyEdges: true,
  parentColour: "#AA6639",
  dependencyColour: "#246C60",
  shortNames: true,
  fragment: "",
};
const urn = (name: string): string => `urn:pulumi:s::p::t:i:T::${name}`;
const state = (name: string, rest: Partial<ResourceState> = {}): ResourceState => ({
  urn: urn(name),
  type: "t:i:T",
  custom: true,
  inputs: {},
  outputs: {},
  ...rest,
});

// In this form the CLI 3.260 prints the same states; the conformance set compares the two on every program.
const GRAPH = `strict digraph {
    Resource0 [label="child"];
    Resource0 -> Resource1 [color = "#AA6639"];
    Resource0 -> Resource2 [color = "#246C60", label = "from, size"];
    Resource1 [label="stack"];
    Resource2 [label="user"];
}
`;

describe("stack graph", () => {
  const resources = [
    state("stack"),
    state("child", { parent: urn("stack") }),
    state("user", {
      dependencies: [urn("child")],
      propertyDependencies: { size: [urn("child")], other: [], from: [urn("child")] },
    }),
  ];

  test("draws parents and dependencies, with the properties that they come from", () => {
    expect(graphText(resources, ALL)).toBe(GRAPH);
  });

  test("edges can be left out, URNs be labels, a fragment be put in front", () => {
    const text = graphText(resources, {
      ...ALL,
      dependencyEdges: false,
      shortNames: false,
      fragment: 'rankdir = "LR"',
    });
    expect(text).toContain(`strict digraph {\nrankdir = "LR"\n    Resource0 [label="${urn("child")}"];\n`);
    expect(text).not.toContain("#246C60");
    expect(graphText(resources, { ...ALL, parentEdges: false })).not.toContain("#AA6639");
  });

  test("goes into a file; one that cannot be written is named", async () => {
    const sandbox = await Sandbox.make();
    try {
      await sandbox.run("stack init dev");
      expect((await sandbox.run("stack graph out.dot")).out).toBe("Wrote stack dependency graph to `out.dot`\n");
      expect(await sandbox.read("out.dot")).toBe("strict digraph {\n}\n");
      expect((await sandbox.run("stack graph nowhere/out.dot")).err).toContain(
        "could not write nowhere/out.dot: ENOENT",
      );
      expect((await sandbox.run("stack graph")).code).toBe(2);
    } finally {
      await sandbox.close();
    }
  });
});
