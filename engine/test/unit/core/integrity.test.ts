import fc from "fast-check";
import { integrityError, repair } from "../../../src/core/integrity";
import type { ResourceState } from "../../../src/model";
import { BROKEN, PROVIDER, provider, stack, STACK, thing, urn, WHOLE } from "../../support/broken-states";

test.each(BROKEN)("%s is found, and mended where it can be", (_what, message, resources, mends) => {
  expect(integrityError(resources)).toContain(message);
  const mended = repair(resources);
  expect(integrityError(mended.resources) === undefined).toBe(mends);
  expect(mended.resources).toHaveLength(resources.length);
  if (mends) expect(mended.changes).not.toEqual([]);
});

test.each(WHOLE)("%s is whole", (_what, resources) => {
  expect(integrityError(resources)).toBeUndefined();
});

test("a child whose parent is missing gets the name of one that has none, and its own children follow", () => {
  const nested = (type: string, name: string): string => `urn:pulumi:dev::engine-test::${type}::${name}`;
  const child = nested("x:y:Gone$x:y:Child", "child");
  const grandchild = nested("x:y:Gone$x:y:Child$x:y:Leaf", "leaf");
  const component = (own: string, type: string, parent: string): ResourceState => {
    return { urn: own, type, custom: false, inputs: {}, outputs: {}, parent };
  };
  const { resources, changes } = repair([
    stack,
    component(child, "x:y:Child", nested("x:y:Gone", "gone")),
    { ...component(grandchild, "x:y:Leaf", child), dependencies: [child] },
  ]);
  expect(resources.slice(1)).toMatchObject([
    { urn: nested("x:y:Child", "child") },
    {
      urn: nested("x:y:Child$x:y:Leaf", "leaf"),
      parent: nested("x:y:Child", "child"),
      dependencies: [nested("x:y:Child", "child")],
    },
  ]);
  expect(resources[1]).not.toHaveProperty("parent");
  expect(changes).toEqual([
    `${child}: parent ${nested("x:y:Gone", "gone")} removed, which is missing`,
    `${child}: renamed to ${nested("x:y:Child", "child")}`,
    `${grandchild}: renamed to ${nested("x:y:Child$x:y:Leaf", "leaf")}`,
  ]);
});

test("whatever is taken out of a state that was whole, or put elsewhere: it is mended, with all that is left", () => {
  const graph = fc.array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), as: fc.nat(3) }), { maxLength: 8 });
  const states = graph.map((nodes) =>
    nodes.map(({ needs, as }, i) => {
      const needed = i === 0 ? [] : [...new Set(needs.map((n) => urn(`t${n % i}`)))];
      const [first] = needed;
      if (first === undefined) return thing(`t${i}`);
      const said = [
        { dependencies: needed },
        { propertyDependencies: { length: needed } },
        { deletedWith: first },
        { replaceWith: needed },
      ];
      return thing(`t${i}`, said[as]);
    }),
  );
  const damaged = states.chain((whole) => fc.shuffledSubarray(whole));
  fc.assert(
    fc.property(damaged, (left) => {
      const { resources } = repair([...left, provider, stack]);
      expect(integrityError(resources)).toBeUndefined();
      const names = [...left.map((state) => state.urn), PROVIDER, STACK];
      expect(resources.map((state) => state.urn).sort()).toEqual(names.sort());
    }),
  );
});
