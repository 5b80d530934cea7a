import { made, World } from "../test/nginx-world";

const [A, B, C] = [made(1), made(2), made(3, ["10.0.0.1:80", "10.0.0.2:80"])];

test("at the first deployment it writes a configuration and waits for nginx, without publishing anything", async () => {
  const world = new World();
  world.containers = [];
  expect(await world.pass()).toBeGreaterThan(0);
  world.candidate = made(0, []);
  await world.pass();
  expect(world.current?.members).toEqual([]);
  expect([world.published, world.hups]).toEqual([[], 0]);
});

test("an nginx that is starting is not signalled: it reads `current` by itself", async () => {
  const world = new World();
  world.candidate = A;
  await world.pass();
  expect(world.hups).toBe(0);
  world.start();
  await world.pass();
  await world.pass();
  expect([world.hups, world.last]).toMatchObject([0, { generation: 1, retired: true }]);
});

test("a new candidate is published as serving at once, and as retired when the last old worker is gone", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = C;
  await world.pass();
  expect([world.hups, world.installations]).toEqual([1, 2]);
  expect(world.last).toMatchObject({ generation: 3, configHash: C.hash, retired: false });
  expect(world.last?.members).toHaveLength(2);
  await world.pass(150);
  expect(world.last?.retired).toBe(false);
  world.workers = world.workers.filter(({ isShuttingDown }) => !isShuttingDown);
  await world.pass(150);
  expect(world.last).toMatchObject({ configHash: C.hash, retired: true });
});

test("a new candidate does not wait for old workers", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  await world.pass();
  world.candidate = C;
  await world.pass();
  expect([world.hups, world.runs, world.last?.retired]).toEqual([2, C.hash, false]);
});

test("a burst of changes causes few reloads, and its last state is served", async () => {
  const world = new World();
  await world.serveA();
  let waitMs = 0;
  for (let number = 10; number < 20; number += 1) {
    world.candidate = made(number);
    waitMs = await world.pass(10);
  }
  await world.pass(waitMs);
  expect(world.hups).toBeLessThanOrEqual(3);
  expect(world.runs).toBe(made(19).hash);
});

test("a candidate without a desired set never replaces one with it: Consul was wiped", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = made(0);
  await world.pass();
  expect([world.hups, world.runs]).toEqual([0, A.hash]);
  expect(world.last?.refused).toMatch(/lost the desired set/);
  expect(world.reloader.served).toEqual({ generation: 1, members: [expect.objectContaining({ name: "web-1" })] });
  expect(world.reloader.isCatalogBack).toBe(true);
  world.candidate = A;
  await world.pass();
  expect(world.last).not.toHaveProperty("refused");
});

test("an empty candidate is refused, and the refusal published", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = made(2, []);
  await world.pass();
  expect([world.hups, world.runs]).toEqual([0, A.hash]);
  expect(world.last?.refused).toMatch(/has no members/);
  world.candidate = B;
  await world.pass();
  expect(world.last).not.toHaveProperty("refused");
});

test("a candidate that nginx rejects is refused with nginx's error", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  world.objection = "[emerg] invalid port in upstreams.conf:5";
  await world.pass();
  expect([world.hups, world.current?.hash, world.last?.refused]).toEqual([0, A.hash, world.objection]);
  expect(world.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("a candidate of unknown servers is refused until nginx can reach one of them", async () => {
  const world = new World();
  await world.serveA();
  world.unreachable = ["10.0.0.8:80", "10.0.0.9:80"];
  world.candidate = made(2, world.unreachable);
  await world.pass();
  expect([world.hups, world.current?.hash]).toEqual([0, A.hash]);
  expect(world.last?.refused).toBe("nginx can reach no server of the candidate: 10.0.0.8:80, 10.0.0.9:80");
  await world.pass(100);
  expect(world.probes).toBe(1);
  world.unreachable = ["10.0.0.9:80"];
  await world.pass(2_000);
  expect(world.runs).toBe(world.candidate.hash);
  expect(world.last).not.toHaveProperty("refused");
});

test("a candidate that shares a server with the current one is not probed: that would cost time", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = C;
  await world.pass();
  expect([world.runs, world.probes]).toEqual([C.hash, 0]);
});

test("an nginx that does not reload is reported, and signalled again later", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  world.obeys = false;
  await world.pass();
  expect(world.last).toMatchObject({ configHash: A.hash });
  expect(world.last?.refused).toMatch(/still serves/);
  await world.pass(100);
  expect(world.hups).toBe(1);
  world.obeys = true;
  await world.pass(5_000);
  expect([world.hups, world.runs]).toEqual([2, B.hash]);
  expect(world.last).not.toHaveProperty("refused");
});

test("a restarted reloader reports retirement after two checks", async () => {
  const world = new World();
  await world.serveA();
  const anew = world.another();
  const signal = new AbortController().signal;
  const before = world.published.length;
  await anew.pass(signal);
  expect(world.published[before]).toMatchObject({ configHash: A.hash, retired: false });
  world.nowMs += 1_000;
  await anew.pass(signal);
  expect([world.last?.retired, world.hups]).toEqual([true, 0]);
});

test("without `ps` on Docker's host it still reloads, and never claims retirement", async () => {
  const world = new World();
  await world.serveA();
  world.topFails = true;
  world.candidate = B;
  await world.pass();
  expect([world.runs, world.last?.retired]).toEqual([B.hash, false]);
  await expect(world.pass()).rejects.toThrow("ps: not found");
  expect(world.last?.retired).toBe(false);
});

test("an old worker that still answers causes no second reload", async () => {
  const world = new World();
  await world.serveA();
  world.candidate = B;
  await world.pass();
  world.runs = A.hash;
  await world.pass(150);
  expect([world.hups, world.last?.configHash]).toEqual([1, B.hash]);
});
