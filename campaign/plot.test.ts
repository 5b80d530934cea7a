import { plot, ticks } from "./plot";

test.each([
  [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [100, [0, 20, 40, 60, 80, 100]],
  [165, [0, 50, 100, 150, 200]],
])("the ticks for values up to %d are round", (most, expected) => {
  expect(ticks(most)).toEqual(expected);
});

test("each series is a line with its points at their scale, and a name that cannot break the picture", () => {
  const series = { name: "a < b & c", points: [2, 10, 30].map((x) => ({ x, y: x * 10 })) };
  const svg = plot({ title: "t", x: "x", y: "y" }, [series]);
  expect(svg).toContain('<polyline points="100.0,320.7 220.0,243.3 520.0,50.0"');
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain("a &lt; b &amp; c");
});
