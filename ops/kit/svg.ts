/** What the pictures of the campaign and of the autoscaler share: SVG without script, readable on light and dark pages. Pure. */

/** Told apart by colour-blind readers too (Okabe and Ito). */
export const COLOURS = {
  blue: "#0072b2",
  orange: "#d55e00",
  green: "#009e73",
  pink: "#cc79a7",
  amber: "#e69f00",
  sky: "#56b4e9",
} as const;

const QUIET = "#777";

/** A whole picture, in its own units; it is drawn at the width of the page. */
export function picture(title: string, width: number, height: number, parts: readonly string[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="${QUIET}">`,
    `<title>${escape(title)}</title>`,
    ...parts,
    "</svg>",
  ].join("\n")}\n`;
}

export type Anchor = "start" | "middle" | "end";

export function text(x: number, y: number, anchor: Anchor, words: string, colour: string = QUIET): string {
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" fill="${colour}">${escape(words)}</text>`;
}

/** A horizontal line of the grid with its value at its left. */
export function gridLine(left: number, right: number, y: number, value: number): string {
  const line = `<path d="M${left} ${place(y)}H${right}" stroke="${QUIET}" stroke-opacity="0.3"/>`;
  return line + text(left - 8, y + 4, "end", String(value));
}

/** A length as SVG wants it, to a tenth. */
export const place = (length: number): string => length.toFixed(1);

/** Round values from 0 to at least `most`, four to six of them. */
export function ticks(most: number): number[] {
  const raw = Math.max(most, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw;
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

const escape = (words: string): string => words.replace(/[<>&"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
