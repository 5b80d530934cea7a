import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";

const SOURCES = join(__dirname, "../../src");

/** The files of this package that a file imports: types, and what is loaded later, included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => {
      const base = join(dirname(file), fileName);
      const found = [base, `${base}.ts`, join(base, "index.ts")].find(
        (path) => /\.[a-z]+$/.test(path) && existsSync(path),
      );
      if (found === undefined) throw new Error(`${file} imports ${fileName}, which does not exist`);
      return found;
    });
}

/** The first circle that is met on the way from a file, as the files on it. */
function circleFrom(file: string, imports: ReadonlyMap<string, string[]>, done: Set<string>, way: string[]): string[] {
  const at = way.indexOf(file);
  if (at >= 0) return [...way.slice(at), file];
  if (done.has(file)) return [];
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, imports, done, [...way, file]);
    if (circle.length > 0) return circle;
  }
  done.add(file);
  return [];
}

test("no file of the engine imports itself by way of others", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(SOURCES, name));
  expect(files.length).toBeGreaterThan(100);
  const imports = new Map(files.map((file) => [file, importsOf(file)]));
  const done = new Set<string>();
  for (const file of files) {
    const circle = circleFrom(file, imports, done, []);
    expect(circle.map((each) => relative(SOURCES, each))).toEqual([]);
  }
});
