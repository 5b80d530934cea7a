import { VERSION, type CommandContext } from "./context";

/** `version` */
export async function version({ terminal }: CommandContext): Promise<number> {
  terminal.out(`${VERSION}\n`);
  return Promise.resolve(0);
}
