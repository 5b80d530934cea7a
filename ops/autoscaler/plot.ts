/** Draws the log of decisions: load against target, replicas, latency, above one another on one axis of time. Pure. */
import { COLOURS, gridLine, picture, place, text, ticks } from "../kit/svg";
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
      { name: "requests", colour: COLOURS.blue, value: percentOfTarget("requests") },
      { name: "cpu", colour: COLOURS.orange, value: percentOfTarget("cpu") },
      { name: "upstream", colour: COLOURS.pink, value: percentOfTarget("upstream") },
      { name: "target", colour: "#888", isDashed: true, value: () => 100 },
    ],
  },
  {
    title: "replicas",
    series: [
      { name: "wanted", colour: COLOURS.amber, isStep: true, isDashed: true, value: (entry) => entry.replicas },
      { name: "running", colour: COLOURS.green, isStep: true, value: (entry) => entry.current },
    ],
  },
  {
    title: "latency at replicas, mean, ms",
    series: [
      { name: "upstream", colour: COLOURS.pink, value: (entry) => entry.samples.upstreamMilliseconds },
      { name: "target", colour: "#888", isDashed: true, value: wishOf("upstream", "target") },
    ],
  },
];

export function plot(stack: string, entries: DecisionEntry[]): string {
  const [first, last] = [entries[0]?.at ?? 0, entries.at(-1)?.at ?? 0];
  const span = Math.max(1, last - first);
  const x = (at: number): number => LEFT + ((at - first) / span) * (WIDTH - LEFT - 20);
  const time = (at: number): string => new Date(at).toISOString().replace("T", " ").slice(0, 19);
  const title = `stack ${stack}, ${time(first)} to ${time(last)} UTC`;
  return picture(title, WIDTH, TOP + PANELS.length * (PANEL + GAP), [
    text(LEFT, 20, "start", title),
    ...PANELS.map((panel, index) => drawPanel(panel, entries, x, TOP + index * (PANEL + GAP))),
  ]);
}

function drawPanel(
  { title, series }: (typeof PANELS)[number],
  entries: DecisionEntry[],
  x: (at: number) => number,
  top: number,
): string {
  const yTicks = ticks(Math.max(1, ...series.flatMap(({ value }) => entries.flatMap((entry) => value(entry) ?? []))));
  const y = (value: number): number => top + PANEL - (value / (yTicks.at(-1) ?? 1)) * PANEL;
  const shown = series.filter(({ value }) => entries.some((entry) => value(entry) !== undefined));
  const legend = shown.map(({ name, colour }, index) =>
    text(LEFT + 260 + index * 90, top - 8, "start", `\u25a0 ${name}`, colour),
  );
  const paths = shown.map(
    ({ colour, isDashed, isStep = false, value }) =>
      `<path d="${pathOf(entries, value, x, y, isStep)}" fill="none" stroke="${colour}" stroke-width="1.5"` +
      `${isDashed ? ' stroke-dasharray="5 4"' : ""}/>`,
  );
  const lines = yTicks.map((value) => gridLine(LEFT, WIDTH - 20, y(value), value));
  return [text(LEFT, top - 8, "start", title), ...lines, ...legend, ...paths].join("\n");
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
      const [across, down] = [place(x(entry.at)), place(y(known))];
      if (begins) return `M${across} ${down}`;
      return isStep ? `H${across}V${down}` : `L${across} ${down}`;
    })
    .join("");
}
