import { EXIT, Failure } from "../failure";
import { COMMANDS } from "./catalog";
import type { Terminal } from "./context";
import { checkArguments, parseFlags, USE_THE_CLI, type ParsedLine } from "./flags";
import { GLOBAL_FLAGS, type CommandSpec } from "./grammar";
import { helpText } from "./help";
import { withVariables } from "./option-variables";

/** A command line, understood but not run yet. */
export interface Invocation {
  readonly command: CommandSpec | undefined;
  readonly line: ParsedLine;
}

/** Finds the command in a line; flags may stand before it and between its words. @throws Failure that names what is unknown. */
export function understand(given: readonly string[]): Invocation {
  const words = inOtherWords(given);
  const { found, others } = findCommand(words);
  const flags = [...GLOBAL_FLAGS, ...(found?.flags ?? [])];
  const typed = parseFlags(others, flags);
  const line = { ...typed, flags: withVariables(typed.flags, found?.names[0] ?? "", flags) };
  const [first] = line.args;
  if (found === undefined && first !== undefined) {
    throw new Failure(`unknown command "${first}" for "pulumi". ${USE_THE_CLI}`, EXIT.usage);
  }
  if (found !== undefined && found.args === undefined && first !== undefined && isGroup(found)) {
    throw new Failure(`unknown command "${first}" for "pulumi ${found.names[0] ?? ""}". ${USE_THE_CLI}`, EXIT.usage);
  }
  if (found !== undefined && !line.flags.is("help")) checkArguments(found.names[0] ?? "", line.args, found.args ?? []);
  return { command: found, line };
}

/** `help up` is `up --help`, and `--version` is `version`. */
function inOtherWords(words: readonly string[]): readonly string[] {
  if (words.length === 1 && words[0] === "--version") return ["version"];
  const [first] = plainWords(words);
  if (first === undefined || words[first] !== "help") return words;
  return [...words.slice(0, first), ...words.slice(first + 1), "--help"];
}

/** Takes the words of the longest command that the line names out of it. */
function findCommand(words: readonly string[]): { found: CommandSpec | undefined; others: string[] } {
  const positions = plainWords(words);
  for (const length of [2, 1]) {
    const taken = positions.slice(0, length);
    const name = taken.map((position) => words[position]).join(" ");
    const found = taken.length === length ? COMMANDS.find(({ names }) => names.includes(name)) : undefined;
    if (found !== undefined) return { found, others: words.filter((_, position) => !taken.includes(position)) };
  }
  return { found: undefined, others: [...words] };
}

/** Positions of the words that are neither flags nor the values of global flags. */
function plainWords(words: readonly string[]): number[] {
  const positions: number[] = [];
  for (let position = 0; position < words.length; position++) {
    const word = words[position] ?? "";
    if (word === "--") break;
    if (!word.startsWith("-")) positions.push(position);
    const takesValue = GLOBAL_FLAGS.some(
      ({ name, short, kind }) => kind === "string" && (word === `--${name}` || word === `-${short ?? ""}`),
    );
    if (takesValue) position++;
  }
  return positions;
}

function isGroup({ names }: CommandSpec): boolean {
  return COMMANDS.some((other) => other.names.some((name) => names.some((own) => name.startsWith(`${own} `))));
}

/** Runs a command line. @returns its exit code. */
export async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const { command, line } = invocation;
  keepLoopbackDirect(process.env);
  if (command === undefined || line.flags.is("help")) {
    terminal.out(helpText(COMMANDS, command));
    return EXIT.ok;
  }
  const folder = line.flags.text("cwd");
  if (folder !== undefined) changeFolder(folder);
  const execute = await command.load();
  return execute({ flags: line.flags, args: line.args, terminal });
}

/**
 * Program, engine and providers speak gRPC to each other on 127.0.0.1, which grpc-js would do through a proxy of the environment. The
 * variable is grpc-js's own, and takes the place of no_proxy.
 */
function keepLoopbackDirect(env: NodeJS.ProcessEnv): void {
  const without = (env.no_grpc_proxy ?? env.no_proxy ?? "").split(",").filter((host) => host.trim() !== "");
  if (!without.includes("127.0.0.1")) env.no_grpc_proxy = [...without, "127.0.0.1"].join(",");
}

function changeFolder(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    throw new Failure(`--cwd: there is no folder ${JSON.stringify(folder)}`, EXIT.usage);
  }
}
