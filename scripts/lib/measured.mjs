// What the benchmarks share: their options, numbers and the page that they are written to.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { run } from "./run.mjs";

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** A whole number from 1, from the command line. */
export function numberOption(name, otherwise, args = process.argv) {
  const value = args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise;
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1`);
  return value;
}

/** One line about where the numbers were taken. */
export async function machine() {
  const docker = (await run("docker", ["version", "--format", "{{.Server.Version}}"])).stdout.trim();
  const model = cpus()[0].model.trim();
  return `${cpus().length} cores (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Docker ${docker}, Node ${process.version}.`;
}

/** Puts a text between its marks in a page of docs/. */
export function writeSection(name, text, page = "benchmarks.md") {
  const file = join(root, "docs", page);
  const mark = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  const before = readFileSync(file, "utf8");
  if (!mark.test(before)) throw new Error(`docs/${page} has no marks for ${name}`);
  writeFileSync(
    file,
    before.replace(mark, (_all, begin, end) => `${begin}\n${text}\n\n${end}`),
  );
}
