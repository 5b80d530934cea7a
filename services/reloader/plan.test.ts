import fc from "fast-check";
import { upstreams } from "../test/upstreams";
import { generationOf } from "./generation";
import {
  appliedOf,
  CROWDED_GENERATIONS,
  CROWDED_SPACING_MS,
  isAllNew,
  judge,
  MOST_OLD_GENERATIONS,
  reloadWaitMs,
  RELOAD_SPACING_MS,
  RETRY_RELOAD_MS,
  sameApplied,
} from "./plan";

const two = generationOf("x", upstreams(1, ["10.0.0.1:80", "10.0.0.2:80"]));
const one = generationOf("x", upstreams(2, ["10.0.0.1:80"]));
const none = generationOf("x", upstreams(3, []));

describe("the newest candidate", () => {
  test("is installed when it differs from what is current", () => {
    expect(judge(one, two, undefined, 0)).toEqual({ kind: "install", generation: one });
    expect(judge(two, two, undefined, 0)).toEqual({ kind: "keep" });
    expect(judge(undefined, two, undefined, 0)).toEqual({ kind: "keep" });
  });

  test("is refused when it has no members and the current one has some", () => {
    expect(judge(none, two, undefined, 0)).toEqual({
      kind: "refuse",
      why: "the candidate has no members: keeping the last good configuration with 2",
    });
  });

  test("may be empty at first: nginx then answers 503", () => {
    expect(judge(none, undefined, undefined, 0)).toMatchObject({ kind: "install" });
    expect(judge(generationOf("y", upstreams(4, [])), none, undefined, 0)).toMatchObject({ kind: "install" });
  });

  test("that nginx rejected is retried only after a delay", () => {
    const rejected = { hash: one.hash, why: "invalid port", retryAtMs: 1000 };
    expect(judge(one, two, rejected, 999)).toEqual({ kind: "refuse", why: "invalid port" });
    expect(judge(one, two, rejected, 1000)).toMatchObject({ kind: "install" });
    expect(judge(two, one, rejected, 999)).toMatchObject({ kind: "install" });
  });

  test("is all new when it shares no server with a current one that has some", () => {
    const other = generationOf("x", upstreams(4, ["10.0.0.3:80"]));
    expect([isAllNew(other, two), isAllNew(one, two), isAllNew(other, none), isAllNew(none, two)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(isAllNew(other, undefined)).toBe(false);
  });

  test("that cannot be parsed is refused with the parser's error", () => {
    expect(judge(new Error("no line"), two, undefined, 0)).toEqual({ kind: "refuse", why: "no line" });
  });

  test("never empties a site, for any sequence of candidates", () => {
    const some = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(some, { minLength: 1 }), (history) => {
        let current = two;
        for (const [index, hosts] of history.entries()) {
          const candidate = generationOf(
            "x",
            upstreams(
              index,
              hosts.map((host) => `10.0.0.${host}:80`),
            ),
          );
          const verdict = judge(candidate, current, undefined, 0);
          if (verdict.kind === "install") current = verdict.generation;
          expect(current.members.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe("the wait before a reload", () => {
  test("the first reload has none, the next one a short one", () => {
    expect(reloadWaitMs(undefined, 0, 5)).toBe(0);
    expect(reloadWaitMs({ atMs: 1000, followed: true }, 1, 1000)).toBe(RELOAD_SPACING_MS);
    expect(reloadWaitMs({ atMs: 1000, followed: true }, 1, 1000 + RELOAD_SPACING_MS)).toBe(0);
  });

  test("grows while old workers accumulate", () => {
    expect(reloadWaitMs({ atMs: 1000, followed: true }, CROWDED_GENERATIONS, 1000)).toBe(CROWDED_SPACING_MS);
    expect(reloadWaitMs({ atMs: 1000, followed: true }, CROWDED_GENERATIONS + 1, 1000)).toBe(3 * CROWDED_SPACING_MS);
    expect(reloadWaitMs({ atMs: 1000, followed: true }, MOST_OLD_GENERATIONS, 1e9)).toBe(Infinity);
    expect(reloadWaitMs(undefined, MOST_OLD_GENERATIONS, 1e9)).toBe(Infinity);
  });

  test("an nginx that did not reload is not signalled at each tick", () => {
    expect(reloadWaitMs({ atMs: 1000, followed: false }, 0, 1000)).toBe(RETRY_RELOAD_MS);
  });
});

describe("the applied value", () => {
  test("has a reason for refusal only while there is one", () => {
    expect(appliedOf(one, true, undefined)).not.toHaveProperty("refused");
    expect(appliedOf(one, false, "empty")).toMatchObject({ generation: 2, retired: false, refused: "empty" });
  });

  test("is compared without its time", () => {
    const applied = appliedOf(one, true, undefined);
    expect(sameApplied({ ...applied, ...{ at: "x" } }, applied)).toBe(true);
    expect(sameApplied(undefined, applied)).toBe(false);
    for (const other of [
      appliedOf(two, true, undefined),
      appliedOf(one, false, undefined),
      appliedOf(one, true, "x"),
    ]) {
      expect(sameApplied(other, applied)).toBe(false);
    }
  });
});
