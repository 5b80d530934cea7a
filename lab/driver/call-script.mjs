// node call-script.mjs MODULE EXPORT JSON-ARGUMENTS, as script-call.ts runs it: calls an export of an ES module, or takes its value. What comes out is
// written as JSON to file descriptor 3: { value } or { error }.
import { writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [file, name, args] = process.argv.slice(2);
const answer = (found) => writeSync(3, JSON.stringify(found));
try {
  const subject = (await import(pathToFileURL(file).href))[name];
  answer({ value: typeof subject === "function" ? await subject(...JSON.parse(args)) : subject });
} catch (error) {
  answer({ error: error.message });
}
