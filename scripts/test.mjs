#!/usr/bin/env node
// npm test: everything, on a fresh clone too; goes on after a failure, so that all of them are seen. Last line: N passed, N failed.
import { checks, runCheck } from "./lib/checks.mjs";
import { setUp } from "./lib/set-up.mjs";
import { fail, step } from "./lib/steps.mjs";

/** Each check once; what failed is printed below its line, and again in short at the end. */
async function runAll(chosen) {
  const total = { passed: 0, failed: 0 };
  for (const one of chosen) {
    let result;
    await step(one.name, async (say) => {
      result = await runCheck(one, say);
      if (result.failed > 0) throw new Error(result.words);
      return result.words;
    }).catch((error) => {
      result ??= { passed: 0, failed: 1, words: error.message };
      console.log(
        `${result.said ?? ""}\n       ${one.name}: ${result.words}${result.log ? ` (all of it: ${result.log})` : ""}`,
      );
    });
    total.passed += result.passed;
    total.failed += result.failed;
  }
  return total;
}

async function main() {
  // `npm test -- lint unit` runs just those
  const names = process.argv.slice(2);
  const chosen = checks.filter(({ name }) => names.length === 0 || names.includes(name.replace(/ .*/, "")));
  if (chosen.length === 0)
    throw new Error(`There are: ${checks.map(({ name }) => name.replace(/ .*/, "")).join(", ")}`);
  let total = { passed: 0, failed: 1 };
  try {
    await setUp();
    total = await runAll(chosen);
  } catch (error) {
    // Without Docker or packages nothing was tested, and that is a failure.
    fail(error);
  }
  process.exitCode = total.failed > 0 ? 1 : 0;
  console.log(`${total.passed} passed, ${total.failed} failed`);
}

main().catch(fail);
