/** A line plot as SVG: no script, no font of its own, readable on light and dark pages. Pure. */

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
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

export function plot({ title, x: xName, y: yName }: Axes, series: readonly Series[]): string {
  const points = series.flatMap((one) => one.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const yTicks = ticks(Math.max(...points.map(({ y }) => y), 0));
  const right = Math.max(...xs, 1);
  const top = yTicks.at(-1) ?? 1;
  const px = (x: number): string => (BOX.left + (x / right) * (BOX.right - BOX.left)).toFixed(1);
  const py = (y: number): string => (BOX.bottom - (y / top) * (BOX.bottom - BOX.top)).toFixed(1);
  const text = (x: number | string, y: number | string, anchor: string, words: string): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(words)}</text>`;
  const middle = (BOX.left + BOX.right) / 2;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13" fill="#777">`,
    `<title>${escape(title)}</title>`,
    text(middle, 24, "middle", title),
    text(middle, HEIGHT - 16, "middle", xName),
    `<text x="18" y="${(BOX.top + BOX.bottom) / 2}" text-anchor="middle" transform="rotate(-90 18 ${(BOX.top + BOX.bottom) / 2})">${escape(yName)}</text>`,
    ...yTicks.map(
      (y) =>
        `<path d="M${BOX.left} ${py(y)}H${BOX.right}" stroke="#777" stroke-opacity="0.3"/>${text(BOX.left - 8, Number(py(y)) + 4, "end", String(y))}`,
    ),
    ...xs.map((x) => text(px(x), BOX.bottom + 20, "middle", String(x))),
    ...series.flatMap((one, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? "#777";
      const y = BOX.top + 10 + index * 22;
      return [
        `<polyline points="${one.points.map((point) => `${px(point.x)},${py(point.y)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...one.points.map((point) => `<circle cx="${px(point.x)}" cy="${py(point.y)}" r="3.5" fill="${colour}"/>`),
        `<path d="M${BOX.right + 16} ${y}h18" stroke="${colour}" stroke-width="2"/>${text(BOX.right + 40, y + 4, "start", one.name)}`,
      ];
    }),
    "</svg>",
  ].join("\n")}\n`;
}

/** Round values from 0 to at least `most`, four to eight of them. */
export function ticks(most: number): number[] {
  const raw = Math.max(most, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw;
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

const escape = (words: string): string => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
