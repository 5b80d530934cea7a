import { plot } from "./plot";

test("each series is a line with its points at their scale, and a name that cannot break the picture", () => {
  const series = { name: "a < b & c", points: [2, 10, 30].map((x) => ({ x, y: x * 10 })) };
  const svg = plot({ title: "t", x: "x", y: "y" }, [series]);
  expect(svg).toContain('<polyline points="100.0,320.7 220.0,243.3 520.0,50.0"');
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain("a &#60; b &#38; c");
});
