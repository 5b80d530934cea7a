/** What the benchmarks and the campaign share: their options, numbers and the pages that they are written to. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** `1.2 s` */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A whole number from 1, from a command's arguments. @throws Error for anything else */
export function numberOption(name: string, otherwise: number, args: readonly string[]): number {
  const value = args.includes(name) ? Number(args[args.indexOf(name) + 1]) : otherwise;
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number from 1`);
  return value;
}

/** One sentence about the machine that the numbers were taken on. */
export async function machine(): Promise<string> {
  const { stdout } = await promisify(execFile)("docker", ["version", "--format", "{{.Server.Version}}"]);
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${model}), ${memory} GiB, Linux ${release()}, Docker ${stdout.trim()}, Node ${process.version}.`;
}

/**
 * Puts a text between its marks in a page of docs/.
 * @param root the checkout's folder
 * @throws Error when the page has no such marks
 */
export function writeSection(root: string, name: string, text: string, page = "benchmarks.md"): void {
  const file = join(root, "docs", page);
  const mark = new RegExp(`(<!-- ${name} -->\n)[^]*(<!-- /${name} -->)`);
  const before = readFileSync(file, "utf8");
  if (!mark.test(before)) throw new Error(`docs/${page} has no marks for ${name}`);
  writeFileSync(
    file,
    before.replace(mark, (_all, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  );
}
