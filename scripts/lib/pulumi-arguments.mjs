// Reads from Pulumi's own arguments the little that the wrapper must know; everything is passed on as it is.

const withValue = new Set(["-C", "--cwd", "-s", "--stack"]);

/** { words, cwd, stack, quiet }: the command's words without options, the folder, the stack named, whether stderr stays empty. */
export function readArguments(args) {
  const found = { words: [], cwd: undefined, stack: undefined, json: false };
  for (let i = 0; i < args.length; i += 1) {
    const arg = args[i];
    if (arg === "--") break;
    const [, name, inline] = /^(--?[\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (!name) {
      found.words.push(arg);
      continue;
    }
    const value = withValue.has(name) ? (inline ?? args[(i += 1)]) : inline;
    if (name === "-C" || name === "--cwd") found.cwd = value;
    if (name === "-s" || name === "--stack") found.stack = value;
    if (name === "-j" || name === "--json") found.json = value !== "false";
  }
  return {
    ...found,
    quiet: found.json || (found.words[0] === "stack" && ["output", "export"].includes(found.words[1])),
  };
}

const writers = new Set(["up", "update", "destroy", "down", "refresh", "import"]);
const stackWriters = new Set(["init", "import", "rm", "rename"]);

/** Whether the command changes a stack's state. */
export const writesState = ({ words: [first, second] }) =>
  writers.has(first) || (first === "stack" && stackWriters.has(second)) || (first === "state" && second !== undefined);

/** The stack that the command names by a word or an option (init and rm take it as a word). */
export const namedStack = ({ words, stack }) =>
  stack ?? (words[0] === "stack" && ["init", "rm"].includes(words[1]) ? words[2] : undefined);

/** `stack`, `organization/stack` and `organization/project/stack` → "project/stack". */
export function stackKey(name, project) {
  const parts = name.split("/");
  return `${parts.length === 3 ? parts[1] : project}/${parts.at(-1)}`;
}
