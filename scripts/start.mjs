#!/usr/bin/env node
// npm start: from a fresh clone to the running site. Every step looks first whether there is anything to do; the last line
// printed is the site's URL.
import { setUp } from "./lib/set-up.mjs";
import { ask, defaultStack, ensureStack, pulumi } from "./lib/stack.mjs";
import { fail, report, step } from "./lib/steps.mjs";

async function main() {
  await setUp();
  await step(`stack ${defaultStack}`, () => ensureStack(defaultStack));
  const begin = Date.now();
  const code = await pulumi("up", "--yes", "--skip-preview", "--stack", defaultStack);
  report(code === 0 ? "[ok]" : "[fail]", Date.now() - begin, `up of stack ${defaultStack}`);
  if (code !== 0) {
    throw new Error(
      "The deployment did not finish (see above). What is up stays up; `npm start` again goes on from there.",
    );
  }
  const url = await ask("stack", "output", "url", "--stack", defaultStack);
  if (url.code !== 0) throw new Error(`The stack has no output "url":\n${url.stderr}`);
  console.log(url.stdout.trim());
}

main().catch(fail);
