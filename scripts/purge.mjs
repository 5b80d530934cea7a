#!/usr/bin/env node
// npm run purge -- STACK [--yes STACK]: removes the data (database, uploads) that a destroyed stack left behind.
import { createInterface } from "node:readline/promises";
import { parse } from "./lib/arguments.mjs";
import { containersOf, volumesOf } from "./lib/labels.mjs";
import { must } from "./lib/run.mjs";
import { fail } from "./lib/steps.mjs";

const usage =
  "Usage: npm run purge -- STACK [--yes STACK] (--yes takes the stack's name once more, in place of typing it)";

/** The name as typed, or as --yes gave it. */
async function confirmation(stack, volumes, given) {
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new Error(`Nobody is there to type the stack's name; give it twice: purge ${stack} --yes ${stack}`);
  console.log(`This deletes the data of stack ${stack} for good:\n${volumes.map((name) => `  ${name}`).join("\n")}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question("Type the stack's name to go on: ")).trim();
  } finally {
    terminal.close();
  }
}

async function main() {
  const { words, options } = parse(process.argv.slice(2), { "--yes": true }, usage);
  const [stack, ...more] = words;
  if (stack === undefined || more.length > 0) throw new Error(usage);
  const containers = await containersOf(stack);
  if (containers.length > 0) {
    const names = containers.map(({ name }) => name).join(", ");
    throw new Error(
      `Stack ${stack} still has containers (${names}); its data stays. ` +
        `First: npm run -s pulumi -- destroy --yes --stack ${stack}`,
    );
  }
  const volumes = await volumesOf(stack);
  if (volumes.length === 0) return console.log(`Nothing to remove: there is no volume of stack ${stack}.`);
  const typed = await confirmation(stack, volumes, options["--yes"]);
  if (typed !== stack) throw new Error(`"${typed}" is not "${stack}": nothing was removed.`);
  for (const name of volumes) {
    await must("docker", ["volume", "rm", name]);
    console.log(`removed ${name}`);
  }
}

main().catch(fail);
