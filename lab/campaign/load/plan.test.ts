import { BODY_BYTES, clientsOf, IDLE_GAP_MS, planned, SLEEPER_GAP_MS } from "./plan";

const RATE = 60;
const many = Array.from({ length: 12_000 }, (_, index) => planned(index, RATE));
const share = (of: (one: (typeof many)[number]) => boolean): number => many.filter(of).length / many.length;

test("the mix is the one that is promised", () => {
  expect(share(({ lastsMs }) => lastsMs === 1_000)).toBeCloseTo(1 / 10, 4);
  expect(share(({ lastsMs }) => lastsMs === 10_000)).toBeCloseTo(1 / 200, 4);
  expect(share(({ method }) => method === "POST")).toBeCloseTo(1 / 3, 4);
  expect(share(({ bodyBytes }) => bodyBytes === BODY_BYTES.large)).toBeCloseTo(1 / 300, 4);
  expect(share(({ connection }) => connection === "new")).toBeCloseTo(9 / 20, 4);
});

test("long requests come by both methods and on both kinds of connection; only POSTs have bodies", () => {
  const long = many.filter(({ lastsMs }) => lastsMs === 10_000);
  expect(new Set(long.map(({ method, connection }) => `${method} ${connection}`)).size).toBe(4);
  expect(many.filter(({ method, bodyBytes }) => (method === "POST") !== bodyBytes > 0)).toEqual([]);
});

test.each([
  ["idle", IDLE_GAP_MS],
  ["sleeper", SLEEPER_GAP_MS],
] as const)("each %s client asks again after its gap, never sooner or much later", (kind, gapMs) => {
  const asked = new Map<number, number>();
  const gaps: number[] = [];
  many.forEach(({ connection, client }, index) => {
    if (connection !== kind) return;
    const atMs = (index * 1000) / RATE;
    const before = asked.get(client);
    if (before !== undefined) gaps.push(atMs - before);
    asked.set(client, atMs);
  });
  expect(asked.size).toBe(clientsOf(kind, RATE));
  expect(Math.min(...gaps)).toBeGreaterThan(gapMs - 400);
  expect(Math.max(...gaps)).toBeLessThan(gapMs + 400);
});
