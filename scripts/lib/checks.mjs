// The checks and tests that `npm test` is made of, in the order in which they run: the quick ones first.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readSummary } from "./jest-summary.mjs";
import { logFile, root } from "./paths.mjs";
import { run, tail } from "./run.mjs";

const minutes = (count) => count * 60_000;

/** A package's own program, started without npm and its half second. */
const tool = (path) => join(root, "node_modules", ...path.split("/"));

// Limits for hangs alone, on however slow a machine: a check as a whole, and tests from one file's end to the next, which jest tells.
const check = (name, ...commands) => ({ name, commands, limits: { timeoutMs: minutes(60) } });
const tests = (name, quietMs, ...more) => ({ name: `${name} tests`, project: name, limits: { quietMs }, more });

export const checks = [
  check("format", [tool("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."]),
  check("lint", [tool("eslint/bin/eslint.js"), ".", "--max-warnings=0"]),
  check("types", ...[".", "engine"].map((project) => [tool("typescript/bin/tsc"), "--noEmit", "-p", project])),
  tests("unit", minutes(45), "--maxWorkers=100%"),
  tests("protocol", minutes(45), "--maxWorkers=100%"),
  tests("integration", minutes(60), "--runInBand"),
  check("campaign", [join(root, "scripts", "run.mjs"), "lab/campaign", "--short"]),
];

/** Runs one; returns { passed, failed, words }, and prints what a failure said. */
export async function runCheck({ name, commands, project, limits, more }, say) {
  const log = logFile(`test-${name.replace(/ .*/, "")}`);
  rmSync(log, { force: true });
  if (project) return runTests({ project, log, limits, more }, say);
  for (const args of commands) {
    const { code } = await run(process.execPath, args, { cwd: root, log, ...limits });
    if (code !== 0) return { passed: 0, failed: 1, words: "failed", said: tail(log, 60), log };
  }
  return { passed: 1, failed: 0 };
}

async function runTests({ project, log, limits, more }, say) {
  const report = `${log}.json`;
  rmSync(report, { force: true });
  const args = [
    tool("jest/bin/jest.js"),
    "--selectProjects",
    project,
    "--json",
    "--outputFile",
    report,
    "--passWithNoTests",
    ...more,
  ];
  const { code, timedOut } = await run(process.execPath, args, {
    cwd: root,
    log,
    ...limits,
    onLine: (line) => /^(PASS|FAIL|RUNS) /.test(line) && say(line.replace(/\s+/g, " ")),
  });
  let summary;
  try {
    summary = readSummary(report);
  } catch {
    const words = timedOut
      ? `no word for ${limits.quietMs / 60_000} minutes, so it was stopped`
      : `jest ended with exit status ${code} and no report`;
    return { passed: 0, failed: 1, words, said: tail(log, 60), log };
  }
  // e.g. a global teardown that threw, with all tests green
  if (code !== 0 && summary.failed === 0)
    summary = { ...summary, failed: 1, words: `jest ended with exit status ${code}` };
  return summary.failed === 0 ? summary : { ...summary, said: tail(log, 200), log };
}
