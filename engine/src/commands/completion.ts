import { EXIT, Failure } from "../failure";
import type { CommandContext, CommandRun } from "./context";
import { GLOBAL_FLAGS, type CommandSpec } from "./grammar";

type Commands = readonly CommandSpec[];

const SHELLS: Readonly<Record<string, (commands: Commands) => string>> = {
  bash,
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`,
  fish,
};

/** `gen-completion <shell>` */
export const generate =
  (commands: Commands): CommandRun =>
  async ({ args, terminal }: CommandContext): Promise<number> => {
    const [shell = ""] = args;
    const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (script === undefined) {
      throw new Failure(
        `unsupported shell: ${JSON.stringify(shell)}; allowed are ${Object.keys(SHELLS).join(", ")}`,
        EXIT.usage,
      );
    }
    terminal.out(script(commands));
    return Promise.resolve(EXIT.ok);
  };

/** What may follow each beginning of a line: the words after it, and the flags of the command that it names. */
function continuations(commands: Commands): { words: string; next: string[] }[] {
  const beginnings = new Map<string, Set<string>>([["", new Set()]]);
  const at = (words: string): Set<string> => {
    const found = beginnings.get(words) ?? new Set<string>();
    beginnings.set(words, found);
    return found;
  };
  for (const { names, flags = [] } of commands) {
    for (const name of names) {
      const [first = "", second] = name.split(" ");
      at("").add(first);
      if (second !== undefined) at(first).add(second);
      for (const flag of [...flags, ...GLOBAL_FLAGS]) at(name).add(`--${flag.name}`);
    }
  }
  return [...beginnings].map(([words, next]) => ({ words, next: [...next] }));
}

function bash(commands: Commands): string {
  const cases = continuations(commands).map(
    ({ words, next }) => `    ${JSON.stringify(words)}) next="${next.join(" ")}" ;;`,
  );
  return `_pulumi() {
  local words="" word next=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) words="\${words:+$words }$word" ;; esac
  done
  case "$words" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pulumi pulumi
`;
}

function fish(commands: Commands): string {
  const lines = continuations(commands).flatMap(({ words, next }) => {
    const seen =
      words === ""
        ? "__fish_use_subcommand"
        : words
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    return next.map((word) =>
      word.startsWith("--")
        ? `complete -c pulumi -n '${seen}' -l ${word.slice(2)}`
        : `complete -c pulumi -f -n '${seen}' -a ${word}`,
    );
  });
  return `${lines.join("\n")}\n`;
}
