/** States that are not whole, each for one reason, and some that are: what the CLI's VerifyIntegrity says of them is said beside. */
import type { ResourceState } from "../../src/model";

export const STACK = "urn:pulumi:dev::engine-test::pulumi:pulumi:Stack::engine-test-dev";
export const PROVIDER = "urn:pulumi:dev::engine-test::pulumi:providers:random::default";
export const urn = (name: string): string =>
  `urn:pulumi:dev::engine-test::random:index/randomString:RandomString::${name}`;

export const stack: ResourceState = {
  urn: STACK,
  custom: false,
  type: "pulumi:pulumi:Stack",
  inputs: {},
  outputs: {},
};
export const provider: ResourceState = {
  urn: PROVIDER,
  custom: true,
  id: "p1",
  type: "pulumi:providers:random",
  inputs: {},
  outputs: {},
};
export const thing = (name: string, more: Partial<ResourceState> = {}): ResourceState => ({
  urn: urn(name),
  custom: true,
  id: name,
  type: "random:index/randomString:RandomString",
  inputs: { length: 5 },
  outputs: { length: 5, result: "abcde" },
  parent: STACK,
  provider: `${PROVIDER}::p1`,
  ...more,
});
const base = [stack, provider];

/** What is wrong, a part of what this engine says of it, the resources, and whether `state repair` mends it. */
export const BROKEN: [what: string, message: string, resources: ResourceState[], mends: boolean][] = [
  ["no parent", "its parent", [...base, thing("a", { parent: urn("gone") })], true],
  ["a parent that comes later", "comes after it", [...base, thing("a", { parent: urn("b") }), thing("b")], true],
  ["no dependency", "its dependency", [...base, thing("a", { dependencies: [urn("gone")] })], true],
  ["a dependency on itself", "its dependency", [...base, thing("a", { dependencies: [urn("a")] })], false],
  [
    "a dependency that comes later",
    "comes after it",
    [...base, thing("a", { dependencies: [urn("b")] }), thing("b")],
    true,
  ],
  [
    "no property dependency",
    "(of 'length')",
    [...base, thing("a", { propertyDependencies: { length: [urn("x")] } })],
    true,
  ],
  ["no deletedWith", "its deletedWith", [...base, thing("a", { deletedWith: urn("gone") })], true],
  ["no replaceWith", "its replaceWith", [...base, thing("a", { replaceWith: [urn("gone")] })], true],
  ["no provider", "unknown provider", [stack, thing("a")], false],
  ["a provider of another id", "unknown provider", [...base, thing("a", { provider: `${PROVIDER}::p2` })], false],
  ["a provider that comes later", "unknown provider", [stack, thing("a"), provider], true],
  [
    "a provider reference of another type",
    "cannot be read",
    [...base, thing("a", { provider: `${urn("b")}::p1` })],
    false,
  ],
  ["a provider reference without an id", "cannot be read", [...base, thing("a", { provider: "nonsense" })], false],
  ["a component with an id", "but has the id", [...base, thing("a", { custom: false })], false],
  ["two live ones of a name", "duplicate resource", [...base, thing("a"), thing("a", { id: "a2" })], false],
];

export const WHOLE: [what: string, resources: ResourceState[]][] = [
  ["nothing", []],
  [
    "a live one and two that are to be deleted",
    [...base, thing("a"), thing("a", { delete: true }), thing("a", { delete: true })],
  ],
  ["two that are to be deleted", [...base, thing("a", { delete: true }), thing("a", { delete: true, id: "a2" })]],
  ["one deleted for its replacement, whose provider is gone", [stack, thing("a", { pendingReplacement: true })]],
  ["a child whose URN is not that of its parent", [...base, thing("b"), thing("a", { parent: urn("b") })]],
];
