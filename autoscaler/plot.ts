/** Draws the log of decisions: load against target, replicas, latency, above one another on one axis of time. Pure. */
import type { Entry } from "./journal";

export type DecisionEntry = Extract<Entry, { kind: "decision" }>;

interface Series {
  name: string;
  colour: string;
  /** A number changes at a decision and stays; a load is read in between. */
  isStep?: boolean;
  isDashed?: boolean;
  /** Undefined where it was missing: a gap. */
  value: (entry: DecisionEntry) => number | undefined;
}

const WIDTH = 900;
const LEFT = 60;
const PANEL = 150;
const GAP = 50;
const TOP = 50;

const wishOf =
  (metric: string, field: "value" | "target") =>
  (entry: DecisionEntry): number | undefined =>
    entry.wishes.find((wish) => wish.metric === metric)?.[field];

const percentOfTarget =
  (metric: string) =>
  (entry: DecisionEntry): number | undefined => {
    const wish = entry.wishes.find((one) => one.metric === metric);
    return wish?.value === undefined ? undefined : (wish.value / wish.target) * 100;
  };

const PANELS: { title: string; series: Series[] }[] = [
  {
    title: "load, % of its target",
    series: [
      { name: "requests", colour: "#1f77b4", value: percentOfTarget("requests") },
      { name: "cpu", colour: "#d62728", value: percentOfTarget("cpu") },
      { name: "upstream", colour: "#9467bd", value: percentOfTarget("upstream") },
      { name: "target", colour: "#888", isDashed: true, value: () => 100 },
    ],
  },
  {
    title: "replicas",
    series: [
      { name: "wanted", colour: "#ff7f0e", isStep: true, isDashed: true, value: (entry) => entry.replicas },
      { name: "running", colour: "#2ca02c", isStep: true, value: (entry) => entry.current },
    ],
  },
  {
    title: "latency at replicas, mean, ms",
    series: [
      { name: "upstream", colour: "#9467bd", value: (entry) => entry.samples.upstreamMilliseconds },
      { name: "target", colour: "#888", isDashed: true, value: wishOf("upstream", "target") },
    ],
  },
];

export function plot(stack: string, entries: DecisionEntry[]): string {
  const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
  const span = Math.max(1, last - first);
  const x = (at: number): number => LEFT + ((at - first) / span) * (WIDTH - LEFT - 20);
  const panels = PANELS.map((panel, index) => drawPanel(panel, entries, x, TOP + index * (PANEL + GAP)));
  const height = TOP + PANELS.length * (PANEL + GAP);
  const time = (at: number): string => new Date(at).toISOString().replace("T", " ").slice(0, 19);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">${escape(`stack ${stack}, ${time(first)} to ${time(last)} UTC`)}</text>`,
    ...panels,
    `</svg>\n`,
  ].join("\n");
}

function drawPanel(
  { title, series }: (typeof PANELS)[number],
  entries: DecisionEntry[],
  x: (at: number) => number,
  top: number,
): string {
  const values = series.flatMap(({ value }) => entries.flatMap((entry) => value(entry) ?? []));
  const most = niceAbove(Math.max(1, ...values));
  const y = (value: number): number => top + PANEL - (value / most) * PANEL;
  const lines = [0, 0.5, 1].map((part) => {
    const at = y(part * most).toFixed(1);
    return (
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${Number((part * most).toPrecision(3))}</text>`
    );
  });
  const shown = series.filter(({ value }) => entries.some((entry) => value(entry) !== undefined));
  const legend = shown.map(
    ({ name, colour }, index) =>
      `<text x="${LEFT + 260 + index * 90}" y="${top - 8}" fill="${colour}">&#9632; ${escape(name)}</text>`,
  );
  const paths = shown.map(
    ({ colour, isDashed, isStep = false, value }) =>
      `<path d="${pathOf(entries, value, x, y, isStep)}" fill="none" stroke="${colour}" stroke-width="1.5"` +
      `${isDashed ? ' stroke-dasharray="5 4"' : ""}/>`,
  );
  return [`<text x="${LEFT}" y="${top - 8}">${escape(title)}</text>`, ...lines, ...legend, ...paths].join("\n");
}

/** A line through what is known, interrupted where it is not. */
function pathOf(
  entries: DecisionEntry[],
  value: Series["value"],
  x: (at: number) => number,
  y: (value: number) => number,
  isStep: boolean,
): string {
  let isDrawing = false;
  return entries
    .map((entry) => {
      const known = value(entry);
      const begins = !isDrawing;
      isDrawing = known !== undefined;
      if (known === undefined) return "";
      const [across, down] = [x(entry.at).toFixed(1), y(known).toFixed(1)];
      if (begins) return `M${across} ${down}`;
      return isStep ? `H${across}V${down}` : `L${across} ${down}`;
    })
    .join("");
}

/** 1, 2 or 5 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power;
}

const escape = (text: string): string => text.replace(/[<>&"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
