/**
 * npm run bench:engine [-- --runs N] [--write]: the embedded engine beside docker compose and the Pulumi CLI, where they are installed, on
 * the same trivial containers, in turn within one run; and on 500 resources that are nothing but state. --write puts the tables into
 * docs/benchmarks.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Main } from "../../ops/kit/context";
import { machine, numberOption, writeSection } from "../kit/measured";
import { compareOnContainers, measureFakes } from "./measure";
import { tables } from "./tables";

/** @throws Error for a wrong option, and with its output where a command fails */
export const main: Main = async (args, { root }) => {
  const runs = numberOption("--runs", 5, args);
  const folder = mkdtempSync(join(tmpdir(), "bench-engine-"));
  try {
    const times = await compareOnContainers(root, folder, runs);
    const text = `${await machine()} ${tables(times, await measureFakes(root, folder, runs), runs)}`;
    console.log(text);
    if (args.includes("--write")) writeSection(root, "bench-engine", text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
};
