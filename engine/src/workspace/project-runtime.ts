/** `runtime` of Pulumi.yaml. */
import { Failure } from "../failure";
import { isMap, type ConfigValue } from "./config-value";
import { jsonWithBigInts } from "./go-text";

/** How the program is run (sdk/nodejs/cmd/pulumi-language-nodejs, parseOptions). `production` and `packagemanager` are for installing. */
export interface ProjectRuntime {
  /** Arguments of node. */
  readonly nodeArguments: readonly string[];
  /** False: the program is JavaScript, and nothing is compiled. */
  readonly typescript: boolean;
  /** Relative to the project's folder. */
  readonly tsconfig: string | undefined;
}

const OPTIONS = {
  typescript: "boolean",
  tsconfig: "string",
  nodeargs: "string",
  production: "boolean",
  packagemanager: "string",
} as const;

/** @throws Failure that names what is not allowed. */
export function readRuntime(runtime: ConfigValue | undefined, invalid: (reason: string) => Failure): ProjectRuntime {
  const name = isMap(runtime) ? runtime.name : runtime;
  if (name !== undefined && name !== "nodejs") {
    throw invalid(
      `runtime is ${jsonWithBigInts(name)}; this engine runs nodejs programs only. Use the Pulumi CLI for it`,
    );
  }
  const options = isMap(runtime) ? (runtime.options ?? {}) : {};
  if (!isMap(options)) throw invalid(`runtime.options must be a map, not ${jsonWithBigInts(options)}`);
  for (const [key, type] of Object.entries(OPTIONS)) {
    const value = options[key];
    if (value !== undefined && typeof value !== type)
      throw invalid(`runtime.options.${key} must be a ${type}, not ${jsonWithBigInts(value)}`);
  }
  const { nodeargs, typescript, tsconfig } = options;
  return {
    nodeArguments: typeof nodeargs === "string" ? splitWords(nodeargs, invalid) : [],
    typescript: typescript !== false,
    tsconfig: typeof tsconfig === "string" && tsconfig !== "" ? tsconfig : undefined,
  };
}

/** As a shell takes a line apart: quotes, backslashes, and comments. */
function splitWords(line: string, invalid: (reason: string) => Failure): string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== "" && !rest.startsWith("#")) {
    const word = /^(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/s.exec(rest)?.[0];
    if (word === undefined) throw invalid(`runtime.options.nodeargs cannot be taken apart at ${JSON.stringify(rest)}`);
    words.push(
      word.replace(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs,
        (_, escaped?: string, double?: string, single?: string) =>
          escaped ?? single ?? (double ?? "").replace(/\\(["\\])/g, "$1"),
      ),
    );
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}
