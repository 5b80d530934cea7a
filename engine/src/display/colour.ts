/** What a piece of text stands for; a theme gives each a look. */
export type Look =
  "bold" | "headline" | "create" | "update" | "delete" | "replace" | "read" | "error" | "warning" | "dim";

/** Paints text, or leaves it alone. */
export type Paint = (look: Look, text: string) => string;

const CODES: Record<Look, string> = {
  bold: "1",
  headline: "1;95",
  create: "32",
  update: "33",
  delete: "31",
  replace: "35",
  read: "36",
  error: "1;31",
  warning: "33",
  dim: "2",
};

export const plainPaint: Paint = (_look, text) => text;
export const ansiPaint: Paint = (look, text) => (text === "" ? "" : `\u001b[${CODES[look]}m${text}\u001b[0m`);

const CONTROL_CODES = /\u001b\[[0-9;?]*[A-Za-z]/g; // eslint-disable-line no-control-regex

/** Text without its control codes. */
export function strip(text: string): string {
  return text.replace(CONTROL_CODES, "");
}

/** Cuts a painted line to a number of visible characters. */
export function clamp(line: string, width: number): string {
  if (strip(line).length <= width) return line;
  let visible = 0;
  let cut = "";
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith("\u001b[")) {
      cut += part;
    } else {
      cut += part.slice(0, Math.max(0, width - 1 - visible));
      visible += part.length;
    }
  }
  return `${cut}…`;
}

/** Fills a painted text up to a number of visible characters. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - strip(text).length));
}
