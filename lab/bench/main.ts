/**
 * npm run bench [-- --runs N] [--write]: the times and sizes that a user meets, on a stack of its own (`bench`), as medians of N runs.
 * --write puts the tables into docs/benchmarks.md, between its marks.
 */
import type { Main } from "../../ops/kit/context";
import { removeWhenInterrupted, TestStack } from "../driver/stack";
import { machine, numberOption, writeSection } from "../kit/measured";
import { measure } from "./measure";
import { tables } from "./tables";

const STACK = "bench";
const SLOT = 23;

/** @throws Error for a wrong option, and with its output where a Pulumi command fails */
export const main: Main = async (args, { root }) => {
  const runs = numberOption("--runs", 3, args);
  removeWhenInterrupted(STACK);
  await using stack = await TestStack.create(STACK, SLOT, {}, { dials: "shipped" });
  const measured = await measure(stack, runs);
  const by = measured.engine === "cli" ? "By the Pulumi CLI." : "By the embedded engine.";
  const text = `${await machine()} ${by} ${tables(measured, runs)}`;
  console.log(text);
  if (args.includes("--write")) writeSection(root, "bench", text);
  return 0;
};
