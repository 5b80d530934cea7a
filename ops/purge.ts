/** npm run purge -- STACK [--yes STACK]: removes the data (database, uploads) that a destroyed stack left behind. */
import { createInterface } from "node:readline/promises";
import { dockerClient } from "../services/kit/docker-client";
import { readArguments } from "./kit/arguments";
import { listContainers, listVolumes } from "./kit/containers";
import type { Main } from "./kit/context";

const usage =
  "Usage: npm run purge -- STACK [--yes STACK] (--yes takes the stack's name once more, in place of typing it)";

export const main: Main = async (args) => {
  const { words, values } = readArguments(args, { yes: { type: "string" } }, usage);
  const [stack, ...more] = words;
  if (stack === undefined || more.length > 0) throw new Error(usage);
  const docker = dockerClient();
  const containers = await listContainers(docker, stack);
  if (containers.length > 0) {
    const names = containers.map(({ name }) => name).join(", ");
    throw new Error(
      `Stack ${stack} still has containers (${names}); its data stays. ` +
        `First: npm run -s pulumi -- destroy --yes --stack ${stack}`,
    );
  }
  const volumes = await listVolumes(docker, stack);
  if (volumes.length === 0) {
    console.log(`Nothing to remove: there is no volume of stack ${stack}.`);
    return 0;
  }
  const typed = values.yes ?? (await typedName(stack, volumes));
  if (typed !== stack) throw new Error(`"${typed}" is not "${stack}": nothing was removed.`);
  for (const name of volumes) {
    await docker.getVolume(name).remove();
    console.log(`removed ${name}`);
  }
  return 0;
};

/** What the user types as the stack's name. @throws Error where there is no terminal to type it at */
async function typedName(stack: string, volumes: readonly string[]): Promise<string> {
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
