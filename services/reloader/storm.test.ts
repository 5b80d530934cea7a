import fc from "fast-check";
import { made, World } from "../test/nginx-world";
import { MOST_OLD_GENERATIONS } from "./plan";

const B = made(2);

test("a storm of changes for five minutes is served throughout, and old generations stay within the bound", async () => {
  const world = new World();
  await world.serveA();
  world.requestMs = 60_000;
  const endMs = world.nowMs + 300_000;
  let number = 10;
  let lastServedMs = world.nowMs;
  let waitedMs = 0;
  while (world.nowMs < endMs) {
    number += 1;
    world.candidate = made(number);
    const before = world.hups;
    await world.pass(100);
    if (world.hups > before) {
      waitedMs = Math.max(waitedMs, world.nowMs - lastServedMs);
      lastServedMs = world.nowMs;
    }
  }
  expect(world.mostOldSets).toBeGreaterThan(4);
  expect(world.mostOldSets).toBeLessThanOrEqual(MOST_OLD_GENERATIONS);
  expect(waitedMs).toBeLessThanOrEqual(32_000);
  await world.pass(60_000);
  await world.pass(1_000);
  expect(world.runs).toBe(made(number).hash);
});

test("a flapping replica, which alternates two configurations, stays within the bound", async () => {
  const world = new World();
  await world.serveA();
  world.requestMs = 70_000;
  for (let turn = 0; turn < 3_000; turn += 1) {
    world.candidate = made(2, turn % 2 === 0 ? ["10.0.0.1:80"] : ["10.0.0.1:80", "10.0.0.2:80"]);
    await world.pass(50);
  }
  expect(world.mostOldSets).toBeGreaterThan(4);
  expect(world.mostOldSets).toBeLessThanOrEqual(MOST_OLD_GENERATIONS);
});

test("after a storm a change is served soon, once the old workers have exited", async () => {
  const world = new World();
  await world.serveA();
  for (let number = 10; number < 3_000; number += 1) {
    world.candidate = made(number);
    await world.pass(10);
  }
  world.workers = world.workers.slice(-2);
  world.candidate = B;
  await world.pass(1_000);
  await world.pass(1_000);
  expect(world.runs).toBe(B.hash);
});

test("at the bound it waits, and logs that once; a restarted reloader waits, too", async () => {
  const world = new World();
  await world.serveA();
  for (let number = 10; world.mostOldSets < MOST_OLD_GENERATIONS; number += 1) {
    world.candidate = made(number);
    await world.pass(1_000);
  }
  const hups = world.hups;
  world.candidate = B;
  for (let second = 0; second < 20; second += 1) await world.pass(1_000);
  const anew = world.another();
  for (let second = 0; second < 20; second += 1) await world.pass(1_000, anew);
  expect(world.hups).toBe(hups);
  expect(world.log.lines.filter(({ message }) => message.startsWith("no reload until"))).toHaveLength(2);
  const oldest = Math.min(...world.workers.map(({ set }) => set));
  world.workers = world.workers.filter(({ set }) => set !== oldest);
  for (let second = 0; second < 2; second += 1) await world.pass(1_000, anew);
  expect([world.hups, world.runs]).toEqual([hups + 1, B.hash]);
});

test("without `ps` on Docker's host each reload counts for as long as its workers may live", async () => {
  const world = new World();
  await world.serveA();
  world.topFails = true;
  world.requestMs = 70_000;
  for (let number = 10; number < 3_000; number += 1) {
    world.candidate = made(number);
    await world.pass(100).catch(() => undefined);
  }
  expect(world.mostOldSets).toBeGreaterThan(4);
  expect(world.mostOldSets).toBeLessThanOrEqual(MOST_OLD_GENERATIONS);
  // Reloads go on after 300 s: more of them than the bound allows at a time.
  expect(world.hups).toBeGreaterThan(2 * MOST_OLD_GENERATIONS);
});

test("for any sequence of changes, older generations with workers stay within the bound", async () => {
  const step = fc.record({
    change: fc.integer({ min: 1, max: 5 }),
    afterMs: fc.integer({ min: 1, max: 15_000 }),
    requestMs: fc.constantFrom(0, 500, 30_000, 69_999),
    obeys: fc.boolean(),
    isAnew: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const world = new World();
      await world.serveA();
      let reloader = world.reloader;
      for (const { change, afterMs, requestMs, obeys, isAnew } of steps) {
        world.requestMs = requestMs;
        world.obeys = obeys;
        world.candidate = made(change);
        if (isAnew) reloader = world.another();
        await world.pass(afterMs, reloader);
      }
      expect(world.mostOldSets).toBeLessThanOrEqual(MOST_OLD_GENERATIONS);
    }),
  );
});
