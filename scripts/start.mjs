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

/** The stack's URL and its container of nginx. */
async function outputs() {
  const { code, stdout, stderr } = await ask("stack", "output", "--json", "--stack", defaultStack);
  if (code !== 0) throw new Error(`The outputs of stack ${defaultStack} cannot be read:\n${stderr}`);
  const { url, containers } = JSON.parse(stdout);
  if (typeof url !== "string") throw new Error('The stack has no output "url".');
  return { url, nginx: containers.nginx[0] };
}

/** Whether the site serves where nginx is published, within some seconds. */
async function answers({ url, nginx }) {
  const probe = async () => {
    const at = await publishedAt(nginx);
    return at !== undefined && serves(url, at);
  };
  return Boolean(await waitFor(probe, { limitMs: 10_000 }));
}

async function main() {
  await setUp();
  await step(`stack ${defaultStack}`, () => ensureStack(defaultStack));
  await up();
  const site = await outputs();
  if (!(await answers(site))) {
    // Something was stopped or removed by hand, which `up` does not see by itself.
    console.log(`${site.url} does not answer: looking at what really runs`);
    await up("--refresh");
    if (!(await answers(site))) throw new Error(`${site.url} still does not answer: see \`npm run logs -- nginx\`.`);
  }
  console.log(site.url);
}

main().catch(fail);
