#!/usr/bin/env node
// npm start: from a fresh clone to the running site. Every step looks first whether there is anything to do; the last line
// printed is the site's URL.
import { setUp } from "./lib/set-up.mjs";
import { publishedAt, serves } from "./lib/site-address.mjs";
import { ask, defaultStack, ensureStack, pulumi } from "./lib/stack.mjs";
import { fail, report, step, waitFor } from "./lib/steps.mjs";

async function up(...more) {
  const begin = performance.now();
  const code = await pulumi("up", "--yes", "--skip-preview", "--stack", defaultStack, ...more);
  report(code === 0 ? "[ok]" : "[fail]", performance.now() - begin, `up of stack ${defaultStack}`);
  if (code !== 0) {
    throw new Error(
      "The deployment did not finish (see above). What is up stays up; `npm start` again goes on from there.",
    );
  }
}

/** Whether the site serves where nginx is published, within some seconds. */
async function answers(url) {
  const probe = async () => {
    const at = await publishedAt(defaultStack);
    return at !== undefined && serves(url, at);
  };
  return Boolean(await waitFor(probe, { limitMs: 10_000 }));
}

async function main() {
  await setUp();
  await step(`stack ${defaultStack}`, () => ensureStack(defaultStack));
  await up();
  const url = await ask("stack", "output", "url", "--stack", defaultStack);
  if (url.code !== 0) throw new Error(`The stack has no output "url":\n${url.stderr}`);
  const address = url.stdout.trim();
  if (!(await answers(address))) {
    // Something was stopped or removed by hand, which `up` does not see by itself.
    console.log(`${address} does not answer: looking at what really runs`);
    await up("--refresh");
    if (!(await answers(address))) throw new Error(`${address} still does not answer: see \`npm run logs -- nginx\`.`);
  }
  console.log(address);
}

main().catch(fail);
