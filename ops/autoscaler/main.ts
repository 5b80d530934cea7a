/**
 * npm run autoscale [-- --stack STACK] [--dry-run] [--metrics-port PORT]: keeps the number of replicas at what the load asks for, until it is
 * told to end. npm run autoscale -- plot [--stack STACK] [--out FILE]: draws the log of its decisions as SVG.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArguments, STACK_OPTION } from "../kit/arguments";
import type { Main } from "../kit/context";
import { plot, run } from "./run";

const usage =
  "Usage: npm run autoscale [-- --stack STACK] [--dry-run] [--metrics-port PORT]\n" +
  "       npm run autoscale -- plot [--stack STACK] [--out FILE]";
const options = {
  ...STACK_OPTION,
  "dry-run": { type: "boolean" },
  "metrics-port": { type: "string" },
  out: { type: "string" },
} as const;

export const main: Main = async (args, { defaultStack, root, stateFolder, stacksFolder }) => {
  const { words, values } = readArguments(args, options, usage);
  const [command = "run", ...more] = words;
  if (!["run", "plot"].includes(command) || more.length > 0) throw new Error(usage);
  const stack = values.stack ?? defaultStack;
  const folder = join(stateFolder, "autoscaler");
  if (command === "plot") {
    const file = values.out ?? `${stack}-autoscale.svg`;
    writeFileSync(file, plot({ stack, folder }));
    console.log(file);
    return 0;
  }
  await run({
    stack,
    folder,
    script: join(root, "scripts", "pulumi.mjs"),
    stateFile: stacksFolder === undefined ? undefined : join(stacksFolder, `${stack}.json`),
    dryRun: values["dry-run"] === true,
    metricsPort: portOf(values["metrics-port"]),
  });
  return 0;
};

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 65535)
    throw new Error(`not a valid port: "${text}"; give a whole number from 1 to 65535.\n${usage}`);
  return Number(text);
}
