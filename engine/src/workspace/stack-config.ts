import * as path from "node:path";

import { isMap as isYamlMap, isScalar, YAMLMap, type Document, type Pair } from "yaml";

import { Failure } from "../failure";
import { readIfThere, writeDurably } from "../state/files";
import { formatConfigKey, isSecure, parseConfigKey, type ConfigKey, type ConfigValue } from "./config-value";
import type { Project } from "./project";
import { formatYaml, inlineAliases, parseYamlFile, toNode } from "./yaml-file";
import { YamlReader } from "./yaml-reader";
import { keyNode, textNode } from "./yaml-text";

/** The config of one stack: Pulumi.<stack>.yaml. Comments, order, and the source text of what is not changed are kept. */
export class StackConfig {
  private readonly document: Document;
  private readonly reader: YamlReader;

  private constructor(
    readonly file: string,
    private readonly project: string,
    content: string | undefined,
  ) {
    this.exists = content !== undefined;
    this.document = parseYamlFile(content ?? "", file);
    const { contents } = this.document;
    if (contents === null || (isScalar(contents) && contents.value === "")) this.document.contents = new YAMLMap();
    if (!isYamlMap(this.document.contents)) throw new Failure(`could not unmarshal '${file}': it is not a map of keys`);
    this.reader = new YamlReader(this.document, file, "text");
  }

  /** Whether the file was there when it was read. */
  readonly exists: boolean;

  /** @param file instead of the one that the stack's name gives (`--config-file`). */
  static async load(project: Project, stack: string, file?: string): Promise<StackConfig> {
    const place = file ?? StackConfig.fileOf(project, stack);
    return new StackConfig(place, project.name, await readIfThere(place));
  }

  static fileOf(project: Project, stack: string): string {
    return path.join(project.configFolder, `Pulumi.${stack}.yaml`);
  }

  /** For tests, and for files that are not there. */
  static parse(content: string, project: string, file = "Pulumi.test.yaml"): StackConfig {
    return new StackConfig(file, project, content);
  }

  get salt(): string | undefined {
    const salt = this.text("encryptionsalt");
    return typeof salt === "string" && salt !== "" ? salt : undefined;
  }

  setSalt(salt: string): void {
    this.document.delete("encryptionsalt");
    const { items } = this.root;
    const pair = this.document.createPair(textNode("encryptionsalt"), textNode(salt));
    // The CLI writes it first. A comment before the first key belongs to the file's head, not to that key.
    const first = items[0]?.key;
    if (isScalar(first) && isScalar(pair.key)) {
      pair.key.commentBefore = first.commentBefore;
      first.commentBefore = undefined;
    }
    items.unshift(pair);
  }

  /** The secrets provider, when it is another than the passphrase. */
  get foreignSecretsProvider(): string | undefined {
    const provider = this.text("secretsprovider");
    const known = provider === undefined || provider === "" || provider === "default" || provider === "passphrase";
    return known ? undefined : JSON.stringify(provider);
  }

  /** All values, by `namespace:name`. */
  values(): Map<string, ConfigValue> {
    const found = new Map<string, ConfigValue>();
    for (const { key, value } of this.entries()) found.set(formatConfigKey(key), value);
    return found;
  }

  /** @throws Failure for a file that takes values from Pulumi ESC: without them the rest would mean something else. */
  refuseEnvironment(): void {
    const environment = this.text("environment");
    if (environment === undefined || environment === null) return;
    if (Array.isArray(environment) && environment.length === 0) return;
    throw new Failure(
      `${this.file} has an 'environment' (Pulumi ESC), which this engine does not know. Use the Pulumi CLI for it`,
    );
  }

  /** Keys without a value, which count as empty text. */
  withoutValue(): string[] {
    const config = this.config();
    if (config === undefined) return [];
    return this.reader.entries(config).flatMap(({ key, value }) => (this.reader.read(value) === null ? [key] : []));
  }

  hasSecrets(): boolean {
    return [...this.values().values()].some(isSecure);
  }

  get(key: ConfigKey): ConfigValue | undefined {
    return this.values().get(formatConfigKey(key));
  }

  set(key: ConfigKey, value: ConfigValue): void {
    const spelled = this.writtenKey(key);
    inlineAliases(this.document, this.reader);
    const config = this.config() ?? this.addConfig();
    let node = toNode(value);
    const pair = spelled === undefined ? undefined : findPair(config, spelled, this.reader);
    if (pair === undefined) {
      config.add(this.document.createPair(keyNode(formatConfigKey(key)), node));
      return;
    }
    // A comment on a scalar's line stays, and so do quotes.
    if (isScalar(pair.value) && isScalar(node)) {
      if (typeof value === "string") node = textNode(value, pair.value.type);
      node.comment = pair.value.comment;
      node.commentBefore = pair.value.commentBefore;
    }
    pair.value = node;
  }

  remove(key: ConfigKey): void {
    const spelled = this.writtenKey(key);
    if (spelled === undefined) return;
    inlineAliases(this.document, this.reader);
    const config = this.config();
    if (config === undefined) return;
    const pair = findPair(config, spelled, this.reader);
    config.items = config.items.filter((item) => item !== pair);
    if (config.items.length === 0) config.flow = true;
  }

  async save(): Promise<void> {
    await writeDurably(this.file, this.toString(), 0o644);
  }

  toString(): string {
    return formatYaml(this.document);
  }

  private get root(): YAMLMap {
    return this.document.contents as YAMLMap;
  }

  private text(key: string): ConfigValue | undefined {
    const found = this.reader.entries(this.root).find((entry) => entry.key === key);
    return found === undefined ? undefined : this.reader.read(found.value);
  }

  private config(): YAMLMap | undefined {
    const found = this.reader.entries(this.root).find(({ key }) => key === "config");
    const config = this.reader.resolve(found?.value);
    if (isYamlMap(config)) return config;
    if (found === undefined || this.reader.read(found.value) === null) return undefined;
    throw new Failure(`could not unmarshal '${this.file}': 'config' must be a map of keys`);
  }

  private addConfig(): YAMLMap {
    const config = new YAMLMap();
    const pair = findPair(this.root, "config", this.reader);
    if (pair === undefined) this.root.add(this.document.createPair(textNode("config"), config));
    else pair.value = config;
    return config;
  }

  /** How the file spells a key: with or without its namespace. */
  private writtenKey(key: ConfigKey): string | undefined {
    const wanted = formatConfigKey(key);
    return this.entries().find((entry) => formatConfigKey(entry.key) === wanted)?.written;
  }

  private entries(): { written: string; key: ConfigKey; value: ConfigValue }[] {
    const config = this.config();
    if (config === undefined) return [];
    return this.reader.entries(config).map(({ key, value }) => ({
      written: key,
      key: parseConfigKey(key, this.project),
      value: this.reader.readSetting(value),
    }));
  }
}

function findPair(map: YAMLMap, key: string, reader: YamlReader): Pair | undefined {
  return map.items.find((pair) => reader.entries(onlyPair(pair))[0]?.key === key);
}

function onlyPair(pair: Pair): YAMLMap {
  const map = new YAMLMap();
  map.items = [pair];
  return map;
}
