import { EXIT, Failure } from "../state/failure";
import { COMMANDS, GLOBAL_FLAGS } from "./catalog";
import type { CommandContext } from "./context";

const SHELLS: Readonly<Record<string, () => string>> = {
  bash,
  zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`,
  fish,
};

/** `gen-completion <shell>` */
export async function generate({ args, terminal }: CommandContext): Promise<number> {
  const [shell = ""] = args;
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script === undefined) {
    throw new Failure(
      `unsupported shell: ${JSON.stringify(shell)}; allowed are ${Object.keys(SHELLS).join(", ")}`,
      EXIT.usage,
    );
  }
  terminal.out(script());
  return Promise.resolve(EXIT.ok);
}

/** What may follow each beginning of a line: the words after it, and the flags of the command that it names. */
function continuations(): { words: string; next: string[] }[] {
  const beginnings = new Map<string, Set<string>>([["", new Set()]]);
  const at = (words: string): Set<string> => {
    const found = beginnings.get(words) ?? new Set<string>();
    beginnings.set(words, found);
    return found;
  };
  for (const { names, flags = [] } of COMMANDS) {
    for (const name of names) {
      const [first = "", second] = name.split(" ");
      at("").add(first);
      if (second !== undefined) at(first).add(second);
      for (const flag of [...flags, ...GLOBAL_FLAGS]) at(name).add(`--${flag.name}`);
    }
  }
  return [...beginnings].map(([words, next]) => ({ words, next: [...next] }));
}

function bash(): string {
  const cases = continuations().map(({ words, next }) => `    ${JSON.stringify(words)}) next="${next.join(" ")}" ;;`);
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

function fish(): string {
  const lines = continuations().flatMap(({ words, next }) => {
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
