/** Renders the *.mustache templates. *.ctmpl templates are passed on unchanged: consul-template renders them at run time. */
import * as fs from "fs";
import * as path from "path";
import Mustache from "mustache";

type Scalar = string | number | boolean;
export type View = Record<string, Scalar | readonly Scalar[]>;

/** The language of the target file, which decides how strings are escaped. Numbers and booleans are written unchanged. */
export type Target = "nginx" | "hcl" | "ini";

const ESCAPES: Record<Target, (value: string) => string> = {
  nginx: (value) => {
    if (/[$\0\r\n]/.test(value)) throw new Error(`nginx cannot hold this value in a string: ${JSON.stringify(value)}`);
    return `"${value.replace(/[\\"]/g, "\\$&")}"`;
  },
  // JSON strings, with HCL's interpolation escaped.
  hcl: (value) => JSON.stringify(value).replace(/[$%]\{/g, (mark) => `${mark.charAt(0)}${mark}`),
  ini: (value) => {
    if (/["\0\r\n]/.test(value))
      throw new Error(`php.ini cannot hold this value in a string: ${JSON.stringify(value)}`);
    return `"${value.replace(/\\/g, "\\\\").replace(/\$\{/g, "\\${")}"`;
  },
};

/** The text of a file beside this one. */
export const readTemplate = (file: string): string => fs.readFileSync(path.join(__dirname, file), "utf8");

/**
 * Renders a template of this folder.
 * @throws Error when the template names a value that the view lacks, or a value cannot be written in the target's language
 */
export function renderTemplate(file: string, target: Target, view: View): string {
  return render(readTemplate(file), file, target, view);
}

/** The same for a template's text; errors use `name`. */
export function render(template: string, name: string, target: Target, view: View): string {
  for (const missing of namesOf(Mustache.parse(template) as Token[])) {
    if (missing !== "." && !(missing in view)) throw new Error(`${name} uses {{${missing}}}, which it is not given`);
  }
  const escape = (value: unknown): string => (typeof value === "string" ? ESCAPES[target](value) : String(value));
  return Mustache.render(template, view, {}, { escape });
}

/** [type, name, start, end, children?] as mustache.js parses it. */
type Token = [string, string, number, number, (Token[] | undefined)?, ...unknown[]];

const namesOf = (tokens: Token[]): string[] =>
  tokens.flatMap(([type, name, , , children]) => [
    ...(["name", "&", "#", "^"].includes(type) ? [name] : []),
    ...(Array.isArray(children) ? namesOf(children) : []),
  ]);
