import { Failure } from "../failure";
import type { PropertyPath } from "../property-path";
import {
  decryptValue,
  formatConfigKey,
  isSecure,
  isStructured,
  parseConfigKey,
  readConfigValue,
  textOf,
  type ConfigValue,
  type Decrypt,
} from "./config-value";
import { jsonWithBigInts } from "./go-text";
import { allowedFor, isType, typeName } from "./config-type";
import type { ConfigDeclaration, Project } from "./project";
import { getAtPath, parseConfigPath, setAtPath } from "./config-path";

/** What a program is given: PULUMI_CONFIG and PULUMI_CONFIG_SECRET_KEYS. */
export interface ProgramConfig {
  /** `namespace:name` to text. */
  readonly config: Record<string, string>;
  readonly secretKeys: string[];
}

/**
 * Adds what Pulumi.yaml gives (`default`, `value`) to a stack's own values (pkg/workspace/config.go, mergeConfig).
 *
 * @returns the values, and the keys of the project that have none.
 */
export function withDefaults(
  project: Project,
  stackValues: ReadonlyMap<string, ConfigValue>,
): { values: Map<string, ConfigValue>; missing: ConfigDeclaration[] } {
  const values = new Map(stackValues);
  const missing: ConfigDeclaration[] = [];
  for (const declaration of sorted(project.config)) {
    const { root, rest, own } = locate(project, declaration);
    if (getAtPath(values.get(root), rest) !== undefined) continue;
    if (declaration.fallback === undefined) {
      if (own) missing.push(declaration);
      continue;
    }
    const { fallback } = declaration;
    // The CLI keeps scalars as text, so that a default and a `config set` value look alike to the program.
    const value = typeof fallback === "object" ? fallback : String(fallback);
    values.set(root, rest.length === 0 ? value : setAtPath(values.get(root), rest, fallback));
  }
  return { values, missing };
}

/**
 * Makes what the program is given. Runs before the program, and before anything changes.
 *
 * @throws Failure that names the key, the value and what is allowed.
 */
export function programConfig(
  project: Project,
  stack: string,
  stackValues: ReadonlyMap<string, ConfigValue>,
  decrypt: Decrypt,
): ProgramConfig {
  const { values, missing } = withDefaults(project, stackValues);
  if (missing.length > 0) throw new Failure(missingMessage(stack, missing));
  for (const declaration of sorted(project.config)) {
    const { root, rest } = locate(project, declaration);
    checkValue(stack, declaration, getAtPath(values.get(root), rest) ?? null, decrypt);
  }
  const names = [...values.keys()].sort();
  return {
    config: Object.fromEntries(names.map((name) => [name, textOf(values.get(name) ?? null, decrypt)])),
    secretKeys: names.filter((name) => isSecure(values.get(name) ?? null)),
  };
}

function checkValue(stack: string, declaration: ConfigDeclaration, value: ConfigValue, decrypt: Decrypt): void {
  const { key, type, secret } = declaration;
  if (type === undefined) return;
  const secure = isSecure(value);
  const start = `validating stack config: Stack '${stack}' with configuration key '${key}'`;
  if (secret && !secure) {
    throw new Failure(`${start} must be encrypted as it's secret. Use \`pulumi config set --secret ${key}\``);
  }
  const content = isStructured(value) ? readConfigValue(decryptValue(value, decrypt)) : textOf(value, decrypt);
  if (isType(type, content)) return;
  const shown = secure ? "[secret]" : jsonWithBigInts(content);
  throw new Failure(
    `${start} must be of type '${typeName(type)}': it is ${shown}, allowed is ${allowedFor(type)}. ` +
      `Change it with \`pulumi config set ${key} <value>\``,
  );
}

function missingMessage(stack: string, missing: readonly ConfigDeclaration[]): string {
  const keys = missing.map(({ key }) => `'${key}'`);
  const last = keys.pop() ?? "";
  const list = keys.length === 0 ? last : `${keys.join(", ")} and ${last}`;
  const values = missing.length > 1 ? "values" : "value";
  const hints = missing.map(({ key, type, description }) => {
    const allowed = type === undefined ? "" : ` (${typeName(type)}: ${allowedFor(type)})`;
    return `\n  pulumi config set ${key} <value>${allowed}${description === "" ? "" : `  ${description}`}`;
  });
  return `validating stack config: Stack '${stack}' is missing configuration ${values} ${list}. Give ${missing.length > 1 ? "them" : "it"} with${hints.join("")}`;
}

/** Where a declared key's value lies: names may be paths (`outer.inner`). */
function locate(project: Project, { key }: ConfigDeclaration): { root: string; rest: PropertyPath; own: boolean } {
  const { namespace, name: whole } = parseConfigKey(key, project.name);
  const { name, path: rest } = parseConfigPath(whole);
  return { root: formatConfigKey({ namespace, name }), rest, own: namespace === project.name };
}

function sorted(declarations: readonly ConfigDeclaration[]): ConfigDeclaration[] {
  return [...declarations].sort((a, b) => (a.key < b.key ? -1 : 1));
}
