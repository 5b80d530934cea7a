import { EXIT, Failure } from "../failure";
import type { PropertyPath } from "../property-path";
import { BLINDED } from "../state/properties";
import { coerceText, getAtPath, parseConfigPath, removeAtPath, setAtPath } from "../workspace/config-path";
import {
  formatConfigKey,
  isSecure,
  isStructured,
  parseConfigKey,
  Secure,
  textOf,
  type ConfigKey,
  type ConfigValue,
  type Decrypt,
} from "../workspace/config-value";
import { withDefaults } from "../workspace/program-config";
import type { Stack, Workspace } from "../workspace/workspace";
import { openStack, type CommandContext, type Terminal } from "./context";
import { formatJson, formatTable } from "./table";

/** `config`: all values, those of Pulumi.yaml included. */
export async function list(context: CommandContext): Promise<number> {
  const { workspace, stack } = await openStack(context);
  stack.config.refuseEnvironment();
  const { values } = withDefaults(workspace.project, stack.config.values());
  const show = context.flags.is("show-secrets");
  const secure = [...values.values()].some(isSecure);
  const decrypt = show && secure ? await decrypter(stack) : () => BLINDED;
  const keys = [...values.keys()].sort();
  if (context.flags.is("json")) {
    const entries = keys.map((key) => [key, describeValue(values.get(key) ?? null, decrypt, show)]);
    context.terminal.out(formatJson(Object.fromEntries(entries)));
    return EXIT.ok;
  }
  const prefix = `${workspace.project.name}:`;
  const rows = keys.map((key) => [
    key.startsWith(prefix) ? key.slice(prefix.length) : key,
    textOf(values.get(key) ?? null, decrypt),
  ]);
  context.terminal.out(formatTable(["KEY", "VALUE"], rows));
  return EXIT.ok;
}

/** `config get <key>` */
export async function get(context: CommandContext): Promise<number> {
  const { workspace, stack } = await openStack(context);
  stack.config.refuseEnvironment();
  const { key, path } = locate(workspace, context.args[0] ?? "", context.flags.is("path"));
  const { values } = withDefaults(workspace.project, stack.config.values());
  const value = getAtPath(values.get(formatConfigKey(key)), path);
  if (value === undefined) {
    throw new Failure(`configuration key '${shownKey(workspace, key)}' not found for stack '${stack.name.stack}'`);
  }
  const decrypt = isSecure(value) ? await decrypter(stack) : () => BLINDED;
  context.terminal.out(
    context.flags.is("json") ? formatJson(describeValue(value, decrypt, true)) : `${textOf(value, decrypt)}\n`,
  );
  return EXIT.ok;
}

/** `config set <key> [value]` */
export async function set(context: CommandContext): Promise<number> {
  const { flags, args, terminal } = context;
  const { workspace, stack } = await openStack(context);
  const [name = "", given] = args;
  const chosen = ["secret", "plaintext"].filter((flag) => flags.is(flag));
  if (flags.text("type") !== undefined) chosen.push("type");
  if (chosen.length > 1) throw new Failure(`only one of --${chosen.join(", --")} may be given`, EXIT.usage);
  const asPath = flags.is("path");
  const { key, path } = locate(workspace, name, asPath);
  const text = given ?? (await readValue(terminal, flags.is("secret"), flags.is("raw")));
  if (!flags.is("secret") && !flags.is("plaintext") && looksLikeSecret(key.name, text)) {
    throw new Failure(
      `config value for '${formatConfigKey(key)}' looks like a secret; rerun with --secret to encrypt it, ` +
        "or --plaintext if you meant to store in plaintext",
    );
  }
  const value = flags.is("secret")
    ? await encrypted(workspace, stack, text)
    : typedValue(text, flags.text("type"), path.length > 0);
  await write(stack, key, path, value);
  return EXIT.ok;
}

/** `config set-all --plaintext key=value --secret key=value` */
export async function setAll(context: CommandContext): Promise<number> {
  const { flags } = context;
  const { workspace, stack } = await openStack(context);
  await saveAssignments(workspace, stack, flags.list("plaintext"), flags.is("path"));
  for (const assignment of flags.list("secret")) {
    const { key, path, text } = readAssignment(workspace, assignment, flags.is("path"));
    await write(stack, key, path, await encrypted(workspace, stack, text));
  }
  return EXIT.ok;
}

/** Saves `key=value` pairs in a stack's config file. */
export async function saveAssignments(
  workspace: Workspace,
  stack: Stack,
  assignments: readonly string[],
  asPath: boolean,
): Promise<void> {
  for (const assignment of assignments) {
    const { key, path, text } = readAssignment(workspace, assignment, asPath);
    await write(stack, key, path, typedValue(text, undefined, path.length > 0));
  }
}

/** `config rm <key>` */
export async function remove(context: CommandContext): Promise<number> {
  const { workspace, stack } = await openStack(context);
  const { key, path } = locate(workspace, context.args[0] ?? "", context.flags.is("path"));
  const value = stack.config.get(key);
  if (value === undefined) return EXIT.ok;
  if (path.length === 0) stack.config.remove(key);
  else stack.config.set(key, removeAtPath(value, path));
  await stack.config.save();
  return EXIT.ok;
}

/** The key, and the path within its value when `--path` was given. */
function locate(workspace: Workspace, text: string, asPath: boolean): { key: ConfigKey; path: PropertyPath } {
  const project = workspace.project.name;
  if (!asPath) return { key: parseConfigKey(text, project), path: [] };
  // With --path, only a colon before the first bracket or dot divides the namespace off.
  const colon = /^([^:.[\]"]+):/.exec(text);
  const { name, path } = parseConfigPath(colon === null ? text : text.slice(colon[0].length));
  return { key: { namespace: colon?.[1] ?? project, name }, path };
}

function readAssignment(
  workspace: Workspace,
  assignment: string,
  asPath: boolean,
): { key: ConfigKey; path: PropertyPath; text: string } {
  const at = assignment.indexOf("=");
  if (at < 1) throw new Failure(`config value ${JSON.stringify(assignment)} must be of the form key=value`, EXIT.usage);
  return { ...locate(workspace, assignment.slice(0, at), asPath), text: assignment.slice(at + 1) };
}

async function write(stack: Stack, key: ConfigKey, path: PropertyPath, value: ConfigValue): Promise<void> {
  stack.config.set(key, path.length === 0 ? value : setAtPath(stack.config.get(key), path, value));
  await stack.config.save();
}

async function encrypted(workspace: Workspace, stack: Stack, text: string): Promise<Secure> {
  await workspace.ensureSaltInConfig(stack);
  return new Secure((await stack.store.crypter()).encrypt(text));
}

async function decrypter(stack: Stack): Promise<Decrypt> {
  const crypter = await stack.store.crypter();
  return (ciphertext) => crypter.decrypt(ciphertext);
}

/** At the top a value is text; within a structure, or with `--type`, it has a type. */
function typedValue(text: string, type: string | undefined, nested: boolean): ConfigValue {
  switch (type) {
    case undefined:
      return nested ? coerceText(text) : text;
    case "string":
      return text;
    case "bool":
      return text === "true";
    case "int":
    case "float": {
      const fits = type === "int" ? /^[+-]?\d+$/.test(text) : text.trim() !== "" && Number.isFinite(Number(text));
      if (!fits) throw new Failure(`${JSON.stringify(text)} is no ${type}`, EXIT.usage);
      return Number(text);
    }
    default:
      throw new Failure(`invalid type ${JSON.stringify(type)}; must be one of string, int, bool, or float`, EXIT.usage);
  }
}

async function readValue(terminal: Terminal, secret: boolean, raw: boolean): Promise<string> {
  const piped = await terminal.readInput();
  if (piped !== undefined) return raw ? piped : piped.replace(/\r?\n$/, "");
  if (!terminal.interactive) throw new Failure("config value must be specified in non-interactive mode", EXIT.usage);
  return terminal.ask("value: ", secret);
}

/** A guess, to catch a slip: the name speaks of a secret and the value looks random (the CLI measures with zxcvbn). */
function looksLikeSecret(name: string, text: string): boolean {
  if (!/passwd|pass|password|pass|secret|token/i.test(name)) return false;
  return text.length >= 16 && !/\s/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text) && new Set(text).size >= 10;
}

/** configValueJSON of the CLI. */
function describeValue(value: ConfigValue, decrypt: Decrypt, show: boolean): Record<string, unknown> {
  const secret = isSecure(value);
  if (secret && !show) return { secret };
  const text = textOf(value, decrypt);
  // As the CLI, which reads the text anew: large numbers are doubles then.
  return { value: text, ...(isStructured(value) ? { objectValue: JSON.parse(text) as unknown } : {}), secret };
}

function shownKey(workspace: Workspace, key: ConfigKey): string {
  return key.namespace === workspace.project.name ? key.name : formatConfigKey(key);
}
