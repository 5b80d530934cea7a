import fc from "fast-check";
import { NAMES, optionPlan, plan, wishes } from "../../support/crashing-world/arbitrary-plans";
import {
  CALM,
  expectNothingLost,
  expectNoUnwantedDeletions,
  expectRecovery,
  tidy,
} from "../../support/crashing-world/expectations";
import { typeOfWish, type Ending, type Wish } from "../../support/crashing-world/plan";
import { World } from "../../support/crashing-world/world";

/** All of them take a minute. A failure prints its seed and path, for `fc.assert`'s options. */
const SEQUENCES = Number(process.env.SEQUENCES ?? 10_000);
/** The option sequences are the same at each run, so that a change is judged by itself; SEED=$RANDOM searches on. */
const OPTION_SEED = Number(process.env.SEED ?? 20_261_125);
/** In portions of some seconds, each with a test's whole limit: one that exceeded it would run on, and keep its worker from ending. */
const PORTION = 500;
const portions = Array.from({ length: Math.ceil(SEQUENCES / PORTION) }, (_, index) => index + 1);

test.each(portions)(
  "whatever is interrupted, and wherever: nothing is lost, and one clean run makes what is wanted",
  async () => {
    const sequence = fc.record({ plans: fc.array(plan, { minLength: 1, maxLength: 5 }), wanted: wishes });
    await fc.assert(
      fc.asyncProperty(sequence, async ({ plans, wanted }) => {
        const world = new World();
        for (const each of plans) {
          const ending = await world.run(each);
          expectNothingLost(world);
          if (each.fault.what === "program fails" && each.kind === "update") expectNoUnwantedDeletions(ending);
          if (each.fault.what !== "kill" && !ending.summary) throw new Error("ended without a summary");
        }
        await expectRecovery(world, wanted);
      }),
      { numRuns: Math.min(SEQUENCES, PORTION) },
    );
  },
);

test("imports, targets, protection, retention, new names, parents that vanish, strangers: nothing of others, and nothing that was to stay, goes", async () => {
  const sequence = fc.record({ plans: fc.array(optionPlan, { minLength: 1, maxLength: 5 }), wanted: wishes });
  await fc.assert(
    fc.asyncProperty(sequence, async ({ plans, wanted }) => {
      const world = new World().withForeigners(NAMES);
      for (const each of plans) {
        const ending = await world.run(each);
        expectNothingLost(world);
        if (each.fault.what !== "kill" && !ending.summary) throw new Error("ended without a summary");
      }
      await tidy(world);
      await expectRecovery(world, wanted);
    }),
    { numRuns: SEQUENCES, seed: OPTION_SEED },
  );
}, 900_000);

describe("every moment of a run that creates, updates, replaces in both orders, and deletes", () => {
  const wish = (name: string, more: Partial<Wish> = {}): Wish => {
    return { name, size: 0, kind: 0, deleteFirst: typeOfWish(name).endsWith("Named"), needs: [], ...more };
  };
  const before = [wish("a"), wish("b", { needs: ["a"] }), wish("c"), wish("d", { needs: ["c"] })];
  const after = [wish("a", { kind: 1 }), wish("b", { needs: ["a"] }), wish("c", { kind: 1 }), wish("e", { size: 1 })];

  test.each([
    ["kill", after],
    ["kill", before],
    ["disk full", after],
    ["disk full for a moment", after],
    ["interrupt", before],
  ] as const)(
    "%s, then a run that wants what it wanted or what it had",
    async (what, wanted) => {
      // Of what is on its way when the run is killed, some arrives: with these chances all of it, or none.
      for (const chance of [0, 1]) {
        let ending: Ending | undefined;
        let at = 0;
        do {
          const world = new World();
          await world.run({ kind: "update", wishes: before, ...CALM });
          ending = await world.run({
            kind: "update",
            wishes: after,
            fault: { what, at: ++at },
            parallel: 2,
            chances: [chance],
          });
          expectNothingLost(world);
          await expectRecovery(world, wanted);
        } while (ending.struck);
        expect(at).toBeGreaterThan(30);
      }
    },
    120_000,
  );
});
