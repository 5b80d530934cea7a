/** Arguments of Node for the processes that this engine starts: what is to happen in them before their own first line. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Above this file, whether it runs bundled or not. */
function engineFolder(folder = __dirname): string {
  return existsSync(join(folder, "package.json")) ? folder : engineFolder(dirname(folder));
}

const first = (module: string, query = ""): string[] => [
  "--import",
  pathToFileURL(join(engineFolder(), "src", "program", module)).href + query,
];

/** For the program. `debug`: somebody wants to read its debug messages. */
export const programArguments = (debug: boolean): string[] => first("program.mjs", debug ? "?debug" : "");

/** After those of the program: it waits to be told what to run. */
export const waitingArguments = (): string[] => first("ready.mjs");

/** For a provider of the program's own. */
export const dynamicProviderArguments = (): string[] => first("dynamic-provider.mjs");
