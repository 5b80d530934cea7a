import fc from "fast-check";
import { type AutoscaleSettings, readAutoscale } from "../../settings/autoscale";
import { begun, decide, ended, initialState } from "./decide";
import type { Samples, State } from "./model";

const MINUTE = 60_000;
const settingsOf = (values: Partial<AutoscaleSettings> = {}): AutoscaleSettings => {
  const settings = readAutoscale(
    JSON.stringify({ min: 1, max: 10, targetRequestsPerReplica: 2, ...values }),
    (key, got, allowed) => {
      throw new Error(`${key} ${got} ${allowed}`);
    },
  );
  if (settings === undefined) throw new Error("no settings");
  return settings;
};
const replicas = (count: number, cpuPercent?: number): Samples["replicas"] =>
  Array.from({ length: count }, (_, index) => ({
    name: String(index),
    isReady: true,
    ...(cpuPercent !== undefined && { cpuPercent }),
  }));
const requests = (requestsInFlight: number, count = 1): Samples => ({ replicas: replicas(count), requestsInFlight });

/** A stack under a clock of its own: `up` takes effect at once, or fails. */
class Simulation {
  state: State;
  now = 0;
  readonly changes: { at: number; to: number }[] = [];
  upFails = false;

  constructor(
    public current: number,
    readonly settings: AutoscaleSettings,
  ) {
    this.state = initialState(current, 0);
  }

  step(samples: Samples): ReturnType<typeof decide>["decision"] {
    this.now += this.settings.periodSeconds * 1000;
    const { decision, state } = decide(this.state, this.current, samples, this.settings, this.now);
    this.state = state;
    if (decision.replicas !== this.current && decision.held === undefined) {
      const action = { from: this.current, to: decision.replicas, startedAt: this.now };
      this.state = ended(
        begun(this.state, this.now),
        { ...action, outcome: this.upFails ? "failed" : "done" },
        this.settings,
        this.now,
      );
      if (!this.upFails) this.current = decision.replicas;
      this.changes.push({ at: this.now, to: decision.replicas });
    }
    return decision;
  }

  /** The same load for some time; it may depend on how many run. */
  run(ms: number, load: (current: number, now: number) => Samples): void {
    for (const end = this.now + ms; this.now < end;) this.step(load(this.current, this.now));
  }
}

test("a table worked out by hand: load in flight, target 2 each, from 2 replicas, 15 s apart", () => {
  const simulation = new Simulation(2, settingsOf({ periodSeconds: 15, scaleDownWindowSeconds: 60 }));
  const table = [
    // in flight, wish = ceil(load/2) or none within 0.9 to 1.1, what runs then, why
    [4, 2, 2, "at target"], //                              4/4 = 1.0
    [4.3, 2, 2, "at target"], //                            4.3/4 = 1.075
    [8, 4, 4, "load"], //                                   2.0; the step allows max(2 × 2, 2 + 4) = 6
    [40, 20, 8, "load wants 20, held by the step of 15 s"], // max(4 × 2, 4 + 4) = 8
    [40, 20, 10, "load wants 20, held by the step of 15 s and max"], // max(16, 12) = 16, max is 10
    [40, 20, 10, "load wants 20, held by max"], //            2 × 10 = 20
    [18, 10, 10, "at target"], //                           18/20 = 0.9, just within
    [6, 3, 10, "load wants 3, held by the window of 60 s"], // 45 s ago it was 20
    [6, 3, 10, "load wants 3, held by the window of 60 s"],
    [6, 3, 10, "load wants 3, held by the window of 60 s"],
    [6, 3, 3, "load"], //                                   the last other wish, 10, is 60 s old
    [0, 0, 3, "load wants 0, held by the window of 60 s"],
    [0, 0, 3, "load wants 0, held by the window of 60 s"],
    [0, 0, 3, "load wants 0, held by the window of 60 s"],
    [0, 0, 1, "load wants 0, held by min"],
  ] as const;
  const seen = table.map(([load]) => {
    const decision = simulation.step(requests(load));
    return [load, decision.recommendation, decision.replicas, decision.reason];
  });
  expect(seen).toEqual(table.map((row) => [...row]));
});

describe("several metrics", () => {
  const settings = settingsOf({ targetCpuPercent: 50, targetUpstreamMilliseconds: 100, scaleDownWindowSeconds: 0 });
  const now = 10 * MINUTE;
  const decided = (samples: Samples, current = 4) =>
    decide(initialState(current, 0), current, samples, settings, now).decision;

  test("the largest wish wins", () => {
    const samples = { replicas: replicas(4, 100), requestsInFlight: 2, upstreamMilliseconds: 50 };
    expect(decided(samples)).toMatchObject({ recommendation: 8, replicas: 8 });
    expect(decided(samples).wishes.map((wish) => [wish.metric, wish.replicas])).toEqual([
      ["requests", 1],
      ["upstream", 2],
      ["cpu", 8],
    ]);
  });

  test.each([
    ["requests", { replicas: replicas(4, 1), upstreamMilliseconds: 1 }],
    ["upstream", { replicas: replicas(4, 1), requestsInFlight: 0 }],
    ["cpu", { replicas: replicas(4), requestsInFlight: 0, upstreamMilliseconds: 1 }],
  ])("without %s nothing is taken away, however idle the others are", (metric, samples: Samples) => {
    expect(decided(samples)).toMatchObject({
      replicas: 4,
      reason: expect.stringMatching(`^missing: ${metric}: `) as string,
    });
  });

  test("without one metric the others may still add", () => {
    expect(decided({ replicas: replicas(4), requestsInFlight: 12 })).toMatchObject({ replicas: 6, reason: "load" });
  });

  test("after a time without numbers a whole window has to be seen again before anything is taken away", () => {
    const simulation = new Simulation(4, settingsOf());
    simulation.run(2 * MINUTE, () => requests(0));
    simulation.run(10 * MINUTE, () => ({ replicas: replicas(4) }));
    simulation.run(5 * MINUTE, () => requests(0));
    expect(simulation.changes).toEqual([]);
    simulation.step(requests(0));
    expect(simulation.current).toBe(1);
  });

  test("a number that is missing now and then does not keep replicas for ever", () => {
    const simulation = new Simulation(4, settingsOf());
    simulation.run(6 * MINUTE, (_, now) => (now % MINUTE === 0 ? { replicas: replicas(4) } : requests(0)));
    expect(simulation.current).toBe(1);
  });
});

test("a number outside of the bounds is brought inside at once, whatever is missing", () => {
  const settings = settingsOf({ min: 2, max: 5 });
  expect(decide(initialState(9, 0), 9, { replicas: [] }, settings, 1).decision.replicas).toBe(5);
  expect(decide(initialState(1, 0), 1, { replicas: [] }, settings, 1).decision.replicas).toBe(2);
});

test("after a start nothing is taken away before a whole window has been seen", () => {
  const simulation = new Simulation(6, settingsOf());
  simulation.run(5 * MINUTE - 5_000, () => requests(2));
  expect(simulation.current).toBe(6);
  simulation.step(requests(2));
  expect(simulation.current).toBe(1);
});

test("the step's bounds: 4 replicas or 100 % in 15 s up; as configured down", () => {
  const up = new Simulation(1, settingsOf({ max: 100 }));
  up.run(45_000, () => requests(1_000));
  expect(up.changes.map(({ at, to }) => [at / 1000, to])).toEqual([
    [5, 5], //   1 + 4
    [20, 10], // 2 × 5
    [35, 20], // 2 × 10
  ]);
  const down = new Simulation(
    20,
    settingsOf({
      max: 100,
      scaleDownWindowSeconds: 0,
      scaleDownPercent: 10,
      scaleDownReplicas: 3,
      scaleDownPeriodSeconds: 60,
    }),
  );
  down.run(3 * MINUTE, () => requests(0));
  expect(down.changes.map(({ to }) => to)).toEqual([17, 14, 11]);
});

test("0 and 0 switch a direction off", () => {
  const settings = settingsOf({ scaleDownPercent: 0, scaleDownReplicas: 0, scaleUpPercent: 0, scaleUpReplicas: 0 });
  const simulation = new Simulation(4, settings);
  simulation.run(20 * MINUTE, (_, now) => requests(now < 10 * MINUTE ? 0 : 100));
  expect(simulation.changes).toEqual([]);
});

describe("what holds a change back", () => {
  test("after failed runs the pause grows, to 15 minutes, and a success ends it", () => {
    const simulation = new Simulation(1, settingsOf({ actionsPerHour: 100 }));
    simulation.upFails = true;
    simulation.run(60 * MINUTE, () => requests(4));
    const gaps = simulation.changes.slice(1).map(({ at }, index) => (at - (simulation.changes[index]?.at ?? 0)) / 1000);
    expect(gaps).toEqual([30, 60, 120, 240, 480, 900, 900]);
    simulation.upFails = false;
    simulation.run(15 * MINUTE, () => requests(4));
    expect(simulation.current).toBe(2);
    expect(simulation.state).toMatchObject({ failures: 0, notBefore: 0 });
  });

  test("no more actions in any hour than allowed, failed ones counted", () => {
    const simulation = new Simulation(1, settingsOf({ actionsPerHour: 3, scaleDownWindowSeconds: 0 }));
    simulation.run(2 * 60 * MINUTE, (_, now) => requests(Math.floor(now / MINUTE) % 2 === 0 ? 20 : 2));
    for (const { at } of simulation.changes) {
      const within = simulation.changes.filter((other) => other.at > at - 60 * MINUTE && other.at <= at);
      expect(within.length).toBeLessThanOrEqual(3);
    }
    expect(simulation.changes.length).toBeGreaterThanOrEqual(6);
  });

  test("an `up` of somebody else's is no failure and no action: it is tried again after 15 s", () => {
    const settings = settingsOf();
    const state = ended(
      begun(initialState(1, 0), 1_000),
      { from: 1, to: 2, startedAt: 1_000, outcome: "busy" },
      settings,
      2_000,
    );
    expect(state).toMatchObject({ actions: [], failures: 0, notBefore: 17_000 });
    expect(decide(state, 1, requests(4), settings, 5_000).decision).toMatchObject({
      replicas: 2,
      held: "the stack was locked: next try in 12 s",
    });
  });
});

describe("for any load", () => {
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const load = fc.double({ min: 0, max: 500, noNaN: true });
  const replica = fc.record({ name: fc.constant("r"), isReady: fc.boolean(), cpuPercent: maybe(load) });
  const samples = fc.record({
    replicas: fc.array(replica, { maxLength: 12 }),
    requestsInFlight: maybe(load),
    upstreamMilliseconds: maybe(load),
  }) as fc.Arbitrary<Samples>;
  const settings = fc
    .record({
      min: fc.integer({ min: 1, max: 10 }),
      more: fc.integer({ min: 0, max: 20 }),
      targetRequestsPerReplica: fc.integer({ min: 1, max: 20 }),
      targetCpuPercent: fc.integer({ min: 10, max: 200 }),
      scaleDownWindowSeconds: fc.constantFrom(0, 30, 300),
      scaleUpWindowSeconds: fc.constantFrom(0, 30),
      scaleUpPercent: fc.constantFrom(0, 100),
      scaleDownPercent: fc.constantFrom(0, 10, 100),
    })
    .map(({ more, ...rest }) => settingsOf({ ...rest, max: rest.min + more }));
  const history = fc.array(samples, { maxLength: 8 });

  /** The state after a history of loads. */
  const after = (past: Samples[], current: number, chosen: AutoscaleSettings): Simulation => {
    const simulation = new Simulation(current, chosen);
    past.forEach((one) => simulation.step(one));
    return simulation;
  };

  test("it stays within min and max", () => {
    fc.assert(
      fc.property(history, samples, fc.integer({ min: 1, max: 40 }), settings, (past, last, current, chosen) => {
        const { state, current: runs, now } = after(past, current, chosen);
        const { decision } = decide(state, runs, last, chosen, now + 1_000);
        expect(decision.replicas).toBeGreaterThanOrEqual(chosen.min);
        expect(decision.replicas).toBeLessThanOrEqual(chosen.max);
      }),
    );
  });

  test("a missing metric never takes a replica away that is within the bounds", () => {
    fc.assert(
      fc.property(history, samples, settings, fc.boolean(), (past, last, chosen, isCpu) => {
        const { state, current, now } = after(past, chosen.max, chosen);
        const lacking = isCpu
          ? { ...last, replicas: (last.replicas ?? []).map(({ name, isReady }) => ({ name, isReady })) }
          : { ...last, requestsInFlight: undefined };
        const { decision } = decide(state, current, lacking, chosen, now + 1_000);
        expect(decision.replicas).toBeGreaterThanOrEqual(current);
      }),
    );
  });

  test("more load never means fewer replicas", () => {
    fc.assert(
      fc.property(
        history,
        samples,
        settings,
        fc.double({ min: 1, max: 5, noNaN: true }),
        (past, last, chosen, factor) => {
          const { state, current, now } = after(past, chosen.min, chosen);
          const more: Samples = {
            replicas: (last.replicas ?? []).map((one) => ({
              ...one,
              ...(one.cpuPercent !== undefined && { cpuPercent: one.cpuPercent * factor }),
            })),
            ...(last.requestsInFlight !== undefined && { requestsInFlight: last.requestsInFlight * factor }),
          };
          const wanted = (load_: Samples) => decide(state, current, load_, chosen, now + 1_000).decision.replicas;
          expect(wanted(more)).toBeGreaterThanOrEqual(wanted(last));
        },
      ),
    );
  });

  test("decided twice, it is the same", () => {
    fc.assert(
      fc.property(history, samples, settings, (past, last, chosen) => {
        const { state, current, now } = after(past, chosen.min, chosen);
        const once = decide(state, current, last, chosen, now + 1_000);
        const twice = decide(once.state, current, last, chosen, now + 1_000);
        expect(twice.decision).toEqual(once.decision);
      }),
    );
  });
});

describe("on a simulated clock", () => {
  /** Noise with a seed of its own: the same at every run. */
  const noise = (seed: number) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed / 2 ** 31) * 2 - 1;
  };

  test.each([1, 2, 3, 4, 5])(
    "10 minutes of steady load with 8 %% of noise: no change once it is there (seed %i)",
    (seed) => {
      const random = noise(seed);
      const simulation = new Simulation(1, settingsOf({ targetCpuPercent: 60 }));
      const steady = (current: number): Samples => {
        const factor = 1 + 0.08 * random();
        return { replicas: replicas(current, (300 * factor) / current), requestsInFlight: 11 * factor };
      };
      simulation.run(MINUTE, steady);
      const before = simulation.changes.length;
      expect(simulation.current).toBe(6);
      simulation.run(10 * MINUTE, steady);
      expect(simulation.changes.slice(before)).toEqual([]);
    },
  );

  test("30 % of noise changes the number rarely, and never back and forth within a window", () => {
    const random = noise(7);
    const simulation = new Simulation(6, settingsOf());
    simulation.run(60 * MINUTE, () => requests(11 * (1 + 0.3 * random())));
    const downs = simulation.changes.filter(({ to }, index) => to < (simulation.changes[index - 1]?.to ?? 6));
    expect(simulation.changes.length).toBeLessThanOrEqual(12);
    expect(downs.length).toBeGreaterThan(0);
    for (const { at } of downs) {
      const ups = simulation.changes.filter(
        (other) => other.at < at && other.at > at - 5 * MINUTE && !downs.includes(other),
      );
      expect(ups).toEqual([]);
    }
  });

  test("a step of load is answered at the next look, and the target is met in two steps of 15 s", () => {
    const simulation = new Simulation(1, settingsOf({ max: 20 }));
    simulation.run(MINUTE, () => requests(1));
    simulation.run(MINUTE, () => requests(19));
    expect(simulation.changes.map(({ at, to }) => [(at - MINUTE) / 1000, to])).toEqual([
      [5, 5],
      [20, 10],
    ]);
  });

  test("when the load has gone, the replicas go after the window", () => {
    const simulation = new Simulation(5, settingsOf());
    simulation.run(6 * MINUTE, () => requests(10));
    expect(simulation.changes).toEqual([]);
    simulation.run(6 * MINUTE, () => requests(2));
    expect(simulation.changes).toEqual([{ at: 11 * MINUTE, to: 1 }]);
  });
});
