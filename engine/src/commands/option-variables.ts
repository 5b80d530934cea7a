/** `PULUMI_OPTION_<FLAG>`: every flag of the CLI may be set by a variable (pkg/cmd/pulumi, declareFlagsAsEnvironmentVariables). */
import { EXIT, Failure } from "../failure";
import { lackingFlags } from "./cli-flags";
import { Flags, parseBool, readFlag, USE_THE_CLI, type FlagSpec } from "./flags";

const PREFIX = "PULUMI_OPTION_";

/**
 * The flags of a line, and those that variables set and the line does not. What a list is given on the line is added to the variable's.
 *
 * @throws Failure for a variable that sets a flag which only the CLI has, or a value that the flag does not take.
 */
export function withVariables(
  given: Flags,
  command: string,
  specs: readonly FlagSpec[],
  environment: NodeJS.ProcessEnv = process.env,
): Flags {
  for (const { name, isSwitch } of lackingFlags(command)) {
    const variable = variableOf(name);
    const text = environment[variable];
    if (text === undefined || text === "" || (isSwitch && readBoolean(text) !== true)) continue;
    throw new Failure(`${variable}=${text} stands for --${name}. ${USE_THE_CLI}, or unset it`, EXIT.usage);
  }
  let flags = given;
  for (const spec of specs) {
    const variable = variableOf(spec.name);
    const text = environment[variable];
    if (text === undefined || spec.name === "help") continue;
    if (spec.kind === "list") flags = flags.with(spec.name, [...readList(text), ...flags.list(spec.name)]);
    else if (!flags.has(spec.name)) flags = setOne(flags, spec, variable, text);
  }
  return flags;
}

function setOne(flags: Flags, spec: FlagSpec, variable: string, text: string): Flags {
  if (spec.kind !== "boolean") return text === "" ? flags : flags.with(spec.name, readFlag(spec, variable, text));
  // The CLI takes no notice of a boolean that is none; acting on the opposite of what was meant could destroy something.
  const value = readBoolean(text);
  if (value !== undefined) return flags.with(spec.name, value);
  if (text === "") return flags;
  throw new Failure(`${variable} is ${JSON.stringify(text)}; allowed are true and false`, EXIT.usage);
}

export function variableOf(flag: string): string {
  return `${PREFIX}${flag.replaceAll("-", "_").toUpperCase()}`;
}

function readBoolean(text: string): boolean | undefined {
  return parseBool(text.toLowerCase());
}

/** One line of CSV; a value with a comma stands in double quotes. */
function readList(text: string): string[] {
  if (text === "") return [];
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)];
  if (fields.map(([whole]) => whole).join("") !== text) return [text];
  return fields.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
