#!/usr/bin/env node
// npm run logs -- ROLE [--stack STACK] [-n LINES] [--no-follow]: follows the logs of all containers of a role.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parse } from "./lib/arguments.mjs";
import { containersOf } from "./lib/labels.mjs";
import { defaultStack } from "./lib/stack.mjs";
import { fail } from "./lib/steps.mjs";

const usage = "Usage: npm run logs -- ROLE [--stack STACK] [-n LINES] [--no-follow]";
const colours = [36, 33, 32, 35, 34, 31];

/** One container's log, each line after the container's name. */
function follow({ id, name }, index, width, { lines, following }) {
  const args = ["logs", "--tail", lines, ...(following ? ["--follow"] : []), id];
  const child = spawn("docker", args, { stdio: ["ignore", "pipe", "pipe"] });
  const label = `${name.padEnd(width)} |`;
  const prefix = process.stdout.isTTY ? `\x1b[${colours[index % colours.length]}m${label}\x1b[0m` : label;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => process.stdout.write(`${prefix} ${line}\n`));
  }
  return new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
}

async function main() {
  const known = { "--stack": true, "-s": true, "-n": true, "--tail": true, "--no-follow": false };
  const { words, options } = parse(process.argv.slice(2), known, usage);
  const stack = options["--stack"] ?? options["-s"] ?? defaultStack;
  const containers = await containersOf(stack);
  if (containers.length === 0)
    throw new Error(`Stack ${stack} has no containers. \`npm start\` deploys ${defaultStack}.`);
  const roles = [...new Set(containers.map(({ role }) => role))].sort().join(", ");
  const [role, ...more] = words;
  if (role === undefined || more.length > 0) throw new Error(`${usage}\nRoles of stack ${stack}: ${roles}`);
  const chosen = containers.filter((container) => container.role === role);
  if (chosen.length === 0) throw new Error(`Stack ${stack} has no role "${role}". It has: ${roles}`);
  const lines = options["-n"] ?? options["--tail"] ?? "50";
  if (!/^(\d+|all)$/.test(lines)) throw new Error(`-n is "${lines}": a number of lines, or "all".\n${usage}`);
  const width = Math.max(...chosen.map(({ name }) => name.length));
  process.stdout.on("error", () => process.exit());
  await Promise.all(chosen.map((one, i) => follow(one, i, width, { lines, following: !options["--no-follow"] })));
}

main().catch(fail);
