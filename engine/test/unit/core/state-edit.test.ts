/** What becomes of the notes of interrupted operations when their resources get other names. */
import { renameResource, renameStack } from "../../../src/core/state-edit";
import type { PendingOperation, ResourceState } from "../../../src/model";

const urn = (name: string, stack = "dev"): string => `urn:pulumi:${stack}::proj::t:index:T::${name}`;
const thing = (name: string, more: Partial<ResourceState> = {}): ResourceState => {
  return { urn: urn(name), id: name, type: "t:index:T", custom: true, inputs: {}, outputs: {}, ...more };
};
const { id: _, ...made } = thing("a", { dependencies: [urn("a")] });
const pendingOperations: PendingOperation[] = [
  { type: "deleting", resource: thing("a") },
  { type: "updating", resource: thing("b", { dependencies: [urn("a")] }) },
  { type: "creating", resource: made, attempt: "first" },
];
const snapshot = { resources: [thing("a"), thing("b", { dependencies: [urn("a")] })], pendingOperations };

test("a resource's new name is that of what was interrupted on it; a creation keeps the name that it was begun under", () => {
  const renamed = renameResource(snapshot, urn("a"), "new").pendingOperations;
  expect(renamed).toEqual([
    { type: "deleting", resource: thing("a", { urn: urn("new") }) },
    { type: "updating", resource: thing("b", { dependencies: [urn("new")] }) },
    { type: "creating", resource: { ...made, dependencies: [urn("new")] }, attempt: "first" },
  ]);
});

test("a stack's new name leaves a creation the mark by which what it made is found", () => {
  const renamed = renameStack(snapshot, { project: "proj", stack: "dev" }, { project: "proj", stack: "prod" });
  expect(renamed.pendingOperations.map(({ resource, attempt }) => [resource.urn, attempt])).toEqual([
    [urn("a", "prod"), undefined],
    [urn("b", "prod"), undefined],
    [urn("a", "prod"), "first"],
  ]);
});
