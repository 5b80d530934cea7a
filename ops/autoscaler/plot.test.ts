import { type DecisionEntry, plot } from "./plot";

const entry = (seconds: number, current: number, replicas: number, load?: number): DecisionEntry => ({
  kind: "decision",
  at: Date.UTC(2026, 0, 1) + seconds * 1000,
  current,
  replicas,
  reason: "load",
  acts: false,
  samples: { replicas: [], upstreamMilliseconds: 40 + seconds },
  wishes: [
    { metric: "requests", target: 2, ...(load === undefined ? { missing: "down" } : { value: load, replicas: 1 }) },
  ],
});

test("load, replicas and latency, with a gap where a metric was missing", () => {
  const svg = plot('a<"b', [
    entry(0, 1, 1, 1),
    entry(10, 1, 3, 6),
    entry(20, 1, 3),
    entry(30, 3, 3, 2),
    entry(40, 3, 3, 2),
  ]);
  expect(svg).toContain("stack a&#60;&#34;b, 2026-01-01 00:00:00 to 2026-01-01 00:00:40 UTC");
  // 300 % is drawn on an axis to 300 %, from y 50 (300) to y 200 (0)
  expect(svg).toContain('d="M60.0 175.0L265.0 50.0M675.0 150.0L880.0 150.0"');
  // replicas: steps, on an axis to 3, from y 250 to y 400
  expect(svg).toContain('d="M60.0 350.0H265.0V350.0H470.0V350.0H675.0V250.0H880.0V250.0"');
  expect(svg).toContain("latency at replicas");
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test("one decision is enough", () => {
  expect(plot("dev", [entry(0, 1, 1, 0)])).not.toMatch(/NaN|undefined|Infinity/);
});
