#!/usr/bin/env node
// npm run scale -- N [--stack STACK]: sets wordpressReplicas and runs `up`, which returns when exactly N replicas are routed.
import { parse } from "./lib/arguments.mjs";
import { ask, defaultStack, pulumi } from "./lib/stack.mjs";
import { fail } from "./lib/steps.mjs";

const usage = "Usage: npm run scale -- N [--stack STACK], N from 1 to 100, e.g. `npm run scale -- 5`";

async function main() {
  const { words, options } = parse(process.argv.slice(2), { "--stack": true, "-s": true }, usage);
  const [replicas, ...more] = words;
  if (replicas === undefined || more.length > 0) throw new Error(usage);
  // A wrong number is found here, before it is written to the stack's config.
  if (!/^\d+$/.test(replicas) || Number(replicas) < 1 || Number(replicas) > 100) {
    throw new Error(`"${replicas}" is no number of replicas: a whole number from 1 to 100 is.\n${usage}`);
  }
  const stack = options["--stack"] ?? options["-s"] ?? defaultStack;
  if ((await ask("config", "get", "autoscale", "--stack", stack)).code === 0) {
    throw new Error(
      `Stack ${stack} has autoscale: \`npm run autoscale\` chooses the number. Change its bounds (npm run -s pulumi -- config set ` +
        `--path autoscale.min ${replicas} --stack ${stack}, and \`up\`), or take it out (config rm autoscale) and scale by hand.`,
    );
  }
  const set = await pulumi("config", "set", "wordpressReplicas", replicas, "--stack", stack);
  process.exitCode = set || (await pulumi("up", "--yes", "--skip-preview", "--stack", stack));
}

main().catch(fail);
