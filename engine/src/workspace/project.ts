import { existsSync } from "node:fs";
import * as path from "node:path";

import { Failure } from "../failure";
import { readIfThere } from "../state/files";
import { isMap, type ConfigMap, type ConfigValue } from "./config-value";
import { isType, typeName, type ConfigType, TYPE_NAMES } from "./config-type";
import { jsonWithBigInts } from "./go-text";
import { readRuntime, type ProjectRuntime } from "./project-runtime";
import { parseYamlFile } from "./yaml-file";
import { YamlReader } from "./yaml-reader";

/** One key of Pulumi.yaml's `config`. */
export interface ConfigDeclaration {
  /** As it is written: with or without a namespace. */
  readonly key: string;
  /** Undefined: not typed, so not checked. */
  readonly type: ConfigType | undefined;
  readonly description: string;
  readonly secret: boolean;
  /** `default` or `value`; undefined: the stack must give one (if the key is of the project's namespace). */
  readonly fallback: ConfigValue | undefined;
}

/** What Pulumi.yaml says. */
export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute; where Pulumi.yaml lies. */
  readonly folder: string;
  readonly description: string;
  /** Relative to the folder. */
  readonly main: string;
  /** Where the stacks' config files lie; absolute. */
  readonly configFolder: string;
  readonly backendUrl: string | undefined;
  readonly runtime: ProjectRuntime;
  /** `requiredPulumiVersion`; empty: any. */
  readonly requiredVersion: string;
  /** What it asks of a run and only the CLI has, with the reason. */
  readonly lacking: readonly string[];
  /** `options.refresh: always`: a run reads what is really there before it plans. */
  readonly refreshAlways: boolean;
  readonly config: readonly ConfigDeclaration[];
}

const NAMES = ["Pulumi.yaml", "Pulumi.yml"];

/** Finds Pulumi.yaml in a folder or above it. */
export function findProjectFile(from: string): string {
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const found = NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (folder === path.dirname(folder)) break;
  }
  throw new Failure(
    `no Pulumi.yaml project file found (searching upwards from ${path.resolve(from)}). ` +
      "Run this in a project's folder, or name it with --cwd",
  );
}

export async function loadProject(from: string): Promise<Project> {
  const file = findProjectFile(from);
  return parseProject((await readIfThere(file)) ?? "", file);
}

/** @throws Failure that names the file and what is wrong in it. */
export function parseProject(content: string, file: string): Project {
  const document = parseYamlFile(content, file);
  const raw = new YamlReader(document, file, "kept").read(document.contents);
  if (!isMap(raw)) throw invalid(file, "project is missing a 'name' attribute");
  const folder = path.dirname(file);
  const name = text(raw, "name", file);
  if (name === undefined || name === "") throw invalid(file, "project is missing a 'name' attribute");
  const runtime = readRuntime(raw.runtime, (reason) => invalid(file, reason));
  const stackConfigDir = typeof raw.config === "string" ? raw.config : text(raw, "stackConfigDir", file);
  return {
    name,
    file,
    folder,
    description: text(raw, "description", file) ?? "",
    main: text(raw, "main", file) ?? ".",
    configFolder: path.resolve(folder, stackConfigDir ?? "."),
    backendUrl: isMap(raw.backend) ? text(raw.backend, "url", file) : undefined,
    runtime,
    requiredVersion: text(raw, "requiredPulumiVersion", file) ?? "",
    lacking: readLacking(raw),
    refreshAlways: readRefresh(raw.options, file),
    config: readDeclarations(raw.config, name, file),
  };
}

function readLacking({ packages, plugins }: ConfigMap): string[] {
  const named = isMap(packages) ? Object.keys(packages) : [];
  const plugged = isMap(plugins) ? Object.entries(plugins) : [];
  const overridden = plugged.flatMap(([kind, list]) => (Array.isArray(list) && list.length > 0 ? [kind] : []));
  return [
    ...(named.length === 0 ? [] : [`'packages' names ${named.join(", ")}, and this engine fetches no packages`]),
    ...overridden.map((kind) => `'plugins.${kind}' names plugins, and this engine loads none`),
  ];
}

function readRefresh(options: ConfigValue | undefined, file: string): boolean {
  if (options === undefined || options === null) return false;
  if (!isMap(options)) throw invalid(file, `'options' must be a map, not ${JSON.stringify(options)}`);
  const { refresh, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(file, `options has the key '${other}'; allowed is only 'refresh'`);
  if (refresh === undefined) return false;
  if (refresh === "always") return true;
  throw invalid(file, `options.refresh is ${JSON.stringify(refresh)}; allowed is only "always"`);
}

function readDeclarations(config: ConfigValue | undefined, project: string, file: string): ConfigDeclaration[] {
  if (config === undefined || config === null || typeof config === "string") return [];
  if (!isMap(config)) throw invalid(file, "config must be a map of keys");
  return Object.entries(config).map(([key, value]) => readDeclaration(key, value, project, file));
}

/** Short forms: `key: value` is a default (project's namespace) or a value (another one). */
function readDeclaration(key: string, raw: ConfigValue, project: string, file: string): ConfigDeclaration {
  const own = isOwnKey(project, key);
  const long: ConfigMap = isMap(raw) ? raw : { [own ? "default" : "value"]: raw };
  const { default: byDefault, value } = long;
  const type = readType(key, long, file);
  if (isGiven(byDefault) && isGiven(value)) {
    throw invalid(file, `project config '${key}' cannot have both a 'default' and 'value' attribute`);
  }
  if (!own) checkForeign(key, type, byDefault, value, file);
  if (type !== undefined && isGiven(byDefault) && !isType(type, byDefault)) {
    throw invalid(
      file,
      `The default value specified for configuration key '${key}' is not of the expected type '${typeName(type)}': ` +
        `it is ${jsonWithBigInts(byDefault)}`,
    );
  }
  return {
    key,
    type,
    description: typeof long.description === "string" ? long.description : "",
    secret: long.secret === true,
    fallback: isGiven(byDefault) ? byDefault : isGiven(value) ? value : undefined,
  };
}

function checkForeign(
  key: string,
  type: ConfigType | undefined,
  byDefault: ConfigValue | undefined,
  value: ConfigValue | undefined,
  file: string,
): void {
  const prefix = `Configuration key '${key}' is not namespaced by the project and should not define`;
  if (type !== undefined) throw invalid(file, `${prefix} a type`);
  if (isGiven(byDefault)) {
    throw invalid(file, `${prefix} a default value. Did you mean to use the 'value' attribute instead of 'default'?`);
  }
  if (!isGiven(value))
    throw invalid(file, `Configuration key '${key}' is namespaced and must provide an attribute 'value'`);
}

function readType(key: string, declaration: ConfigMap, file: string): ConfigType | undefined {
  const { type, items } = declaration;
  if (type === undefined || type === null) return undefined;
  const name = TYPE_NAMES.find((each) => each === type);
  if (name === undefined) {
    throw invalid(
      file,
      `configuration key '${key}' has the type ${JSON.stringify(type)}; allowed are ${TYPE_NAMES.join(", ")}`,
    );
  }
  if (name !== "array") return { name };
  if (!isMap(items)) {
    throw invalid(
      file,
      `The configuration key '${key}' declares an array but does not specify the underlying type via the 'items' attribute`,
    );
  }
  const item = readType(key, items, file);
  return item === undefined ? { name } : { name, items: item };
}

/** Whether a key of Pulumi.yaml is of the project's own namespace. */
export function isOwnKey(project: string, key: string): boolean {
  return !key.includes(":") || key.startsWith(`${project}:`);
}

function isGiven(value: ConfigValue | undefined): value is ConfigValue {
  return value !== undefined && value !== null;
}

function text(map: ConfigMap, key: string, file: string): string | undefined {
  const value = map[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(file, `'${key}' must be a string, not ${JSON.stringify(value)}`);
  return value;
}

function invalid(file: string, reason: string): Failure {
  return new Failure(`could not validate '${file}': ${reason}`);
}
