/** Random programs, and random runs of them. */
import fc from "fast-check";
import { typeOfWish, type Fault, type Plan, type Wish } from "./plan";

export const NAMES = ["a", "b", "c", "d", "e"];

export const wishes = fc
  .tuple(
    fc.subarray(NAMES),
    fc.array(
      fc.record({
        size: fc.nat(1),
        kind: fc.nat(1),
        deleteFirst: fc.boolean(),
        needs: fc.array(fc.nat(), { maxLength: 2 }),
      }),
      { minLength: NAMES.length, maxLength: NAMES.length },
    ),
  )
  .map(([names, details]) =>
    names.map((name, i): Wish => {
      const { needs = [], ...rest } = details[i] ?? { size: 0, kind: 0, deleteFirst: false };
      const earlier = names.slice(0, i);
      const chosen = earlier.length === 0 ? [] : needs.map((n) => earlier[n % earlier.length] ?? "");
      // What can exist once only is replaced by deleting it first.
      const deleteFirst = rest.deleteFirst || typeOfWish(name).endsWith("Named");
      return { ...rest, name, deleteFirst, needs: [...new Set(chosen)] };
    }),
  );

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant("kill" as const), at: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom("interrupt" as const, "disk full" as const, "disk full for a moment" as const),
      at: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom("call fails" as const, "half made" as const, "provider dies" as const),
      call: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("program fails" as const), after: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant({ what: "nothing" as const }) },
);

export const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant("update" as const) },
    { weight: 1, arbitrary: fc.constant("refresh" as const) },
    { weight: 1, arbitrary: fc.constant("destroy" as const) },
  ),
  wishes,
  fault,
  parallel: fc.integer({ min: 1, max: 4 }),
  chances: fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
});

/** The same with every option that says what may go, what has to stay, what it was called, and what the run is about. */
const optionWishes = fc
  .tuple(
    wishes,
    fc.array(
      fc.record({
        protect: fc.nat(4).map((n) => n === 0),
        retain: fc.nat(4).map((n) => n === 0),
        imports: fc.nat(5).map((n) => n === 0),
        renamed: fc.nat(2).map((n) => n === 0),
        under: fc.nat(4),
      }),
      { minLength: NAMES.length, maxLength: NAMES.length },
    ),
  )
  .map(([chosen, options]) =>
    chosen.map((wish, i): Wish => {
      const { protect, retain, imports, renamed, under } = options[i] ?? { under: 0 };
      const isPlain = typeOfWish(wish.name).endsWith("Plain");
      const other = { d: "e", e: "d" }[wish.name];
      const above = chosen[under];
      return {
        ...wish,
        ...(protect ? { protect } : {}),
        // What remains of a Named one, or is to be deleted later, would be in the way of the next.
        ...(retain && isPlain ? { retain } : {}),
        ...(imports && isPlain ? { imports } : {}),
        ...(renamed && other !== undefined && !chosen.some(({ name }) => name === other) ? { was: other } : {}),
        // Under two names one thing would be told by one of them what the other does not know.
        ...(isPlain && !imports && above !== undefined && under < i ? { under: above.name } : {}),
      };
    }),
  );
const some = (chance: number): fc.Arbitrary<string[]> =>
  fc.oneof(
    { weight: chance, arbitrary: fc.constant<string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(NAMES, { minLength: 1, maxLength: 2 }) },
  );
export const optionPlan: fc.Arbitrary<Plan> = fc
  .record({
    base: plan,
    wishes: optionWishes,
    targets: some(2),
    excludes: some(4),
    replaces: some(5),
    vanish: some(5),
    intrude: some(5),
    dependents: fc.boolean(),
    continueOnError: fc.nat(2).map((n) => n === 0),
  })
  .map(({ base, intrude, ...options }) => ({
    ...base,
    ...options,
    intrude: intrude.filter((name) => name < "c"),
  }));
