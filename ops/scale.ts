/** npm run scale -- N [--stack STACK]: sets wordpressReplicas and runs `up`, which returns when exactly N replicas are routed. */
import { readArguments, STACK_OPTION } from "./kit/arguments";
import type { Main } from "./kit/context";

const usage = "Usage: npm run scale -- N [--stack STACK], N from 1 to 100, e.g. `npm run scale -- 5`";

export const main: Main = async (args, { defaultStack, ask, pulumi }) => {
  const { words, values } = readArguments(args, STACK_OPTION, usage);
  const [replicas, ...more] = words;
  if (replicas === undefined || more.length > 0) throw new Error(usage);
  // Checked here, before it is written to the stack's configuration.
  if (!/^\d+$/.test(replicas) || Number(replicas) < 1 || Number(replicas) > 100) {
    throw new Error(`not a valid replica count: "${replicas}"; give a whole number from 1 to 100.\n${usage}`);
  }
  const stack = values.stack ?? defaultStack;
  if ((await ask("config", "get", "autoscale", "--stack", stack)).code === 0) {
    throw new Error(
      `Stack ${stack} has autoscale: \`npm run autoscale\` chooses the number. Change its bounds (npm run -s pulumi -- config set ` +
        `--path autoscale.min ${replicas} --stack ${stack}, and \`up\`), or take it out (config rm autoscale) and scale by hand.`,
    );
  }
  const set = await pulumi("config", "set", "wordpressReplicas", replicas, "--stack", stack);
  return set === 0 ? pulumi("up", "--yes", "--skip-preview", "--stack", stack) : set;
};
