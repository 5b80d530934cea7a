/** A line plot: one line a series, a mark at each point, names beside it. Pure. */
import { COLOURS, gridLine, picture, place, text, ticks } from "../../ops/kit/svg";

export interface Series {
  name: string;
  /** In the order of x. */
  points: { x: number; y: number }[];
}

export interface Axes {
  title: string;
  x: string;
  y: string;
}

const WIDTH = 720;
const HEIGHT = 400;
const BOX = { left: 70, right: 520, top: 50, bottom: 340 };
const PALETTE = Object.values(COLOURS);

export function plot({ title, x: xName, y: yName }: Axes, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const yTicks = ticks(Math.max(...points.map(({ y }) => y), 0));
  const right = Math.max(...xs, 1);
  const top = yTicks.at(-1) ?? 1;
  const across = (x: number): number => BOX.left + (x / right) * (BOX.right - BOX.left);
  const down = (y: number): number => BOX.bottom - (y / top) * (BOX.bottom - BOX.top);
  const [centre, middle] = [(BOX.left + BOX.right) / 2, (BOX.top + BOX.bottom) / 2];
  return picture(title, WIDTH, HEIGHT, [
    text(centre, 24, "middle", title),
    text(centre, HEIGHT - 16, "middle", xName),
    `<g transform="rotate(-90 18 ${middle})">${text(18, middle, "middle", yName)}</g>`,
    ...yTicks.map((y) => gridLine(BOX.left, BOX.right, down(y), y)),
    ...xs.map((x) => text(across(x), BOX.bottom + 20, "middle", String(x))),
    ...series.flatMap((one, index) => {
      const colour = PALETTE[index % PALETTE.length] ?? COLOURS.blue;
      const y = BOX.top + 10 + index * 22;
      const at = one.points.map((point) => [place(across(point.x)), place(down(point.y))] as const);
      return [
        `<polyline points="${at.map((pair) => pair.join(",")).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
        `<path d="M${BOX.right + 16} ${y}h18" stroke="${colour}" stroke-width="2"/>`,
        text(BOX.right + 40, y + 4, "start", one.name),
      ];
    }),
  ]);
}
