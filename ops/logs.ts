/** npm run logs -- ROLE [--stack STACK] [-n LINES] [--no-follow]: follows the logs of all containers of a role. */
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import type Docker from "dockerode";
import { dockerClient } from "../services/kit/docker-client";
import { reason } from "../services/kit/log";
import { readArguments, STACK_OPTION } from "./kit/arguments";
import { listContainers, type StackContainer } from "./kit/containers";
import { absentStack, type Main } from "./kit/context";

const usage = "Usage: npm run logs -- ROLE [--stack STACK] [-n LINES] [--no-follow]";
const COLOURS = [36, 33, 32, 35, 34, 31];
const options = {
  ...STACK_OPTION,
  tail: { type: "string", short: "n" },
  "no-follow": { type: "boolean" },
} as const;

export const main: Main = async (args, { defaultStack }) => {
  const { words, values } = readArguments(args, options, usage);
  const stack = values.stack ?? defaultStack;
  const docker = dockerClient();
  const containers = await listContainers(docker, stack);
  if (containers.length === 0) throw absentStack(stack, defaultStack);
  const roles = [...new Set(containers.map(({ role }) => role))].sort().join(", ");
  const [role, ...more] = words;
  if (role === undefined || more.length > 0) throw new Error(`${usage}\nRoles of stack ${stack}: ${roles}`);
  const chosen = containers.filter((container) => container.role === role);
  if (chosen.length === 0) throw new Error(`Stack ${stack} has no role "${role}". It has: ${roles}`);
  const tail = values.tail ?? "50";
  if (!/^(\d+|all)$/.test(tail)) throw new Error(`-n is "${tail}": a number of lines, or "all".\n${usage}`);
  const width = Math.max(...chosen.map(({ name }) => name.length));
  process.stdout.on("error", () => process.exit());
  const follow = values["no-follow"] !== true;
  await Promise.all(chosen.map((one, index) => show(docker, one, prefixOf(one.name, width, index), { tail, follow })));
  return 0;
};

function prefixOf(name: string, width: number, index: number): string {
  const label = `${name.padEnd(width)} |`;
  return process.stdout.isTTY ? `\x1b[${COLOURS[index % COLOURS.length] ?? 0}m${label}\x1b[0m` : label;
}

/** One container's log, each line after the prefix; returns at its end. */
async function show(
  docker: Docker,
  { id }: StackContainer,
  prefix: string,
  { tail, follow }: { tail: string; follow: boolean },
): Promise<void> {
  const print = (line: string): unknown => process.stdout.write(`${prefix} ${line}\n`);
  const container = docker.getContainer(id);
  // all of it is what Docker gives when no number is named
  const wanted = { stdout: true, stderr: true, ...(tail !== "all" && { tail: Number(tail) }) };
  try {
    const log = follow
      ? await container.logs({ ...wanted, follow: true })
      : Readable.from([await container.logs({ ...wanted, follow: false })]);
    const outputs = [new PassThrough(), new PassThrough()] as const;
    docker.modem.demuxStream(log, ...outputs);
    const end = () => outputs.forEach((output) => output.end());
    log.once("end", end).once("close", end);
    log.once("error", (error: unknown) => {
      print(reason(error));
      end();
    });
    await Promise.all(outputs.map((output) => linesOf(output, print)));
  } catch (error) {
    print(reason(error));
  }
}

async function linesOf(input: Readable, print: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) print(line);
}
