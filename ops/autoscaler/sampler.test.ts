import type { Numbers } from "../kit/control-metrics";
import { Sampler } from "./sampler";

/** nginx, replicas and CPU as a test sets them. */
function world() {
  const state = {
    now: 0,
    numbers: {} as Record<string, number> | undefined,
    replicas: [{ id: "a", name: "one", isReady: true }],
    cpu: {} as Record<string, number | undefined>,
  };
  const sampler = new Sampler(
    {
      read: (): Promise<Numbers> =>
        state.numbers === undefined
          ? Promise.reject(new Error("down"))
          : Promise.resolve(new Map(Object.entries(state.numbers))),
    },
    { list: () => Promise.resolve(state.replicas) },
    { seconds: (id) => Promise.resolve(state.cpu[id]) },
    () => state.now,
  );
  return { state, sampler };
}
const nginx = (active: number, sum = 0, count = 0): Record<string, number> => ({
  nginx_active_requests: active,
  nginx_upstream_response_seconds_sum: sum,
  nginx_upstream_response_seconds_count: count,
});

test("requests in flight are the mean of what was seen since the last time", async () => {
  const { state, sampler } = world();
  for (const active of [2, 4, 9]) {
    state.numbers = nginx(active);
    await sampler.glance();
  }
  expect(await sampler.take()).toMatchObject({ requestsInFlight: 5 });
  state.numbers = nginx(1);
  expect(await sampler.take()).toMatchObject({ requestsInFlight: 1 });
});

test("the replicas' time is the mean over what ended meanwhile; 0 where nothing did", async () => {
  const { state, sampler } = world();
  state.numbers = nginx(0, 10, 100);
  expect(await sampler.take()).not.toHaveProperty("upstreamMilliseconds");
  state.numbers = nginx(0, 13, 110);
  expect((await sampler.take()).upstreamMilliseconds).toBeCloseTo(300);
  expect(await sampler.take()).toMatchObject({ upstreamMilliseconds: 0 });
});

test("what cannot be read is absent, and so is a time over which the counters began anew", async () => {
  const { state, sampler } = world();
  state.numbers = nginx(3, 10, 100);
  await sampler.take();
  state.numbers = undefined;
  expect(await sampler.take()).toEqual({ replicas: [{ name: "one", isReady: true }] });
  state.numbers = nginx(3, 20, 200);
  expect(await sampler.take()).not.toHaveProperty("upstreamMilliseconds");
  state.numbers = nginx(3, 1, 10);
  expect(await sampler.take()).not.toHaveProperty("upstreamMilliseconds");
  // nginx itself does not answer: the reloader shows neither
  state.numbers = { reloader_generation: 1 };
  expect(await sampler.take()).not.toHaveProperty("requestsInFlight");
});

test("CPU is what was used since the last time; unknown for a new, a restarted and a just-started replica", async () => {
  const { state, sampler } = world();
  state.cpu = { a: 100 };
  expect((await sampler.take()).replicas).toEqual([{ name: "one", isReady: true }]);
  state.now = 10_000;
  state.cpu = { a: 105, b: 3 };
  state.replicas.push({ id: "b", name: "two", isReady: false });
  expect((await sampler.take()).replicas).toEqual([
    { name: "one", isReady: true, cpuPercent: 50 },
    { name: "two", isReady: false },
  ]);
  state.now = 20_000;
  state.cpu = { a: 1, b: 9 };
  state.replicas[1] = { id: "b", name: "two", isReady: true };
  expect((await sampler.take()).replicas).toEqual([
    { name: "one", isReady: true },
    { name: "two", isReady: true },
  ]);
  state.now = 30_000;
  state.cpu = { a: 2, b: undefined };
  expect((await sampler.take()).replicas).toEqual([
    { name: "one", isReady: true, cpuPercent: 10 },
    { name: "two", isReady: true },
  ]);
});
