// What a run of jest came to, from the file that `jest --json --outputFile` writes.
import { readFileSync } from "node:fs";

/** { passed, failed, words }: a suite that did not even start (a syntax error) counts as one failure. */
export function summarize(report) {
  const passed = report.numPassedTests;
  const unstarted = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((one) => one.status !== "failed"),
  ).length;
  const failed = report.numFailedTests + unstarted;
  const idle = report.numPendingTests + (report.numTodoTests ?? 0);
  return { passed, failed, words: `${passed} passed, ${failed} failed${idle ? `, ${idle} not run` : ""}` };
}

export const readSummary = (path) => summarize(JSON.parse(readFileSync(path, "utf8")));
