/** Two engines at once: of runs of one stack that begin at about the same time, or beside one that was killed, one at most goes on. */
import fc from "fast-check";
import { expectNothingLost, expectRecovery, tidy } from "../../support/crashing-world/expectations";
import { NAMES, optionPlan, plan, wishes } from "../../support/crashing-world/arbitrary-plans";
import { ContendedWorld, type Contender } from "../../support/contended-world";

/** Fewer than of those that are in memory alone, since each writes files; SEQUENCES=10000 makes as many. */
const SEQUENCES = Number(process.env.SEQUENCES ?? 200);
/** What is begun is the same at each run; SEED=$RANDOM searches on. How it interleaves is for the file system to say. */
const SEED = Number(process.env.SEED ?? 20_261_125);
/** Each with a test's whole limit. */
const PORTION = 200;
const portions = Array.from({ length: Math.ceil(SEQUENCES / PORTION) }, (_, index) => index);

const contender: fc.Arbitrary<Contender> = fc.record({
  plan: fc.oneof(plan, optionPlan),
  namespace: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  pid: fc.integer({ min: 1, max: 3 }),
  delay: fc.oneof(fc.constant(0), fc.nat(60)),
  lingers: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) }),
});
const round = fc.record({
  contenders: fc.array(contender, { minLength: 1, maxLength: 3 }),
  cli: fc.nat(19).map((n) => n === 0),
});

test.each(portions)(
  "whoever begins when: one at a time goes on, no lock is taken of what may live, and nothing is lost (%i)",
  async (portion) => {
    const seen = { runs: 0, refused: 0, together: 0, held: 0, takenOver: 0 };
    const sequence = fc.record({ rounds: fc.array(round, { minLength: 1, maxLength: 4 }), wanted: wishes });
    await fc.assert(
      fc.asyncProperty(sequence, async ({ rounds, wanted }) => {
        const world = (await ContendedWorld.make()).withForeigners(NAMES);
        try {
          for (const { contenders, cli } of rounds) {
            world.age();
            if (cli) await world.lockByCli();
            const state = world.disk;
            const able = await Promise.all([0, 1].map((namespace) => world.isFreeFor(namespace)));
            const attempts = await world.contend(contenders);
            expectNothingLost(world);
            const winners = attempts.filter(({ ending }) => ending !== undefined);
            const mayWin = !cli && attempts.some(({ contender: { namespace } }) => able[namespace]);
            if (winners.length > 0 !== mayWin) throw new Error(`${winners.length} of ${attempts.length} went on`);
            if (!mayWin && world.disk !== state) throw new Error("one that was refused changed something");
            for (const { ending, contender } of winners)
              if (contender.plan.fault.what !== "kill" && !ending?.summary) throw new Error("ended without a summary");
            seen.runs += winners.length;
            seen.refused += attempts.length - winners.length;
            if (winners.length > 1) seen.together += 1;
            if (!able[0] || !able[1]) seen.held += 1;
            if (cli) await world.unlockByCli();
          }
          seen.takenOver += world.takeovers;
          await world.cancel();
          await tidy(world);
          await expectRecovery(world, wanted);
        } finally {
          await world.dispose();
        }
      }),
      // What interleaves otherwise each time cannot be made smaller.
      { numRuns: Math.min(SEQUENCES, PORTION), seed: SEED + portion, endOnFailure: true },
    );
    // All of it was there: it is not luck that nothing went wrong.
    for (const [what, times] of Object.entries(seen))
      if (times === 0 && SEQUENCES >= PORTION) throw new Error(`no sequence with: ${what}`);
    if (process.env.SEQUENCES !== undefined) process.stderr.write(`${JSON.stringify({ portion, ...seen })}\n`);
  },
);
