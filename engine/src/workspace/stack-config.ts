import * as path from "node:path";

import { Document, isMap as isYamlMap, isScalar, parseDocument, type YAMLMap } from "yaml";

import { readIfThere, writeDurably } from "../state/files";
import {
  formatConfigKey,
  isSecure,
  parseConfigKey,
  readConfigValue,
  writeConfigValue,
  type ConfigKey,
  type ConfigMap,
  type ConfigValue,
} from "./config-value";
import { parseYaml, type Project } from "./project";

/** The config of one stack: Pulumi.<stack>.yaml. Comments, order and what this engine does not know are kept. */
export class StackConfig {
  private readonly document: Document;

  private constructor(
    readonly file: string,
    private readonly project: string,
    content: string | undefined,
  ) {
    this.exists = content !== undefined;
    this.document = content === undefined || content.trim() === "" ? new Document({}) : parseDocument(content);
    if (!isYamlMap(this.document.contents)) this.document.contents = this.document.createNode({});
  }

  /** Whether the file was there when it was read. */
  readonly exists: boolean;

  /** @param file instead of the one that the stack's name gives (`--config-file`). */
  static async load(project: Project, stack: string, file?: string): Promise<StackConfig> {
    const place = file ?? path.join(project.configFolder, `Pulumi.${stack}.yaml`);
    const content = await readIfThere(place);
    if (content !== undefined) parseYaml(content, place);
    return new StackConfig(place, project.name, content);
  }

  /** For tests, and for files that are not there. */
  static parse(content: string, project: string, file = "Pulumi.test.yaml"): StackConfig {
    return new StackConfig(file, project, content);
  }

  get salt(): string | undefined {
    const salt = this.document.get("encryptionsalt");
    return typeof salt === "string" && salt !== "" ? salt : undefined;
  }

  setSalt(salt: string): void {
    this.document.delete("encryptionsalt");
    const { items } = this.document.contents as YAMLMap;
    const pair = this.document.createPair("encryptionsalt", salt);
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
    const provider = this.document.get("secretsprovider");
    const known = provider === undefined || provider === "" || provider === "default" || provider === "passphrase";
    return known ? undefined : JSON.stringify(provider);
  }

  /** All values, by `namespace:name`. */
  values(): Map<string, ConfigValue> {
    const found = new Map<string, ConfigValue>();
    for (const { key, value } of this.entries()) found.set(formatConfigKey(key), value);
    return found;
  }

  hasSecrets(): boolean {
    return [...this.values().values()].some(isSecure);
  }

  get(key: ConfigKey): ConfigValue | undefined {
    return this.values().get(formatConfigKey(key));
  }

  set(key: ConfigKey, value: ConfigValue): void {
    const written = this.writtenKey(key) ?? formatConfigKey(key);
    if (this.config() === undefined) this.document.set("config", this.document.createNode({}));
    const config = this.config();
    const present = config?.get(written, true);
    // A scalar is changed in place, so that a comment on its line stays.
    if (isScalar(present) && (typeof value !== "object" || value === null)) {
      present.value = value;
      if (typeof value === "string") delete present.source;
    } else {
      config?.set(this.document.createNode(written), this.document.createNode(writeConfigValue(value)));
    }
  }

  remove(key: ConfigKey): void {
    const written = this.writtenKey(key);
    if (written === undefined) return;
    this.config()?.delete(written);
    if (this.config()?.items.length === 0) this.document.set("config", this.document.createNode({}));
  }

  async save(): Promise<void> {
    await writeDurably(this.file, this.toString(), 0o644);
  }

  toString(): string {
    return this.document.toString({ lineWidth: 0, indentSeq: true });
  }

  private config(): YAMLMap | undefined {
    const config = this.document.get("config");
    return isYamlMap(config) ? config : undefined;
  }

  /** How the file spells a key: with or without its namespace. */
  private writtenKey(key: ConfigKey): string | undefined {
    const wanted = formatConfigKey(key);
    return this.entries().find((entry) => formatConfigKey(entry.key) === wanted)?.written;
  }

  private entries(): { written: string; key: ConfigKey; value: ConfigValue }[] {
    const raw = (this.document.toJS() as { config?: unknown } | null)?.config;
    const map = readConfigValue(raw ?? {}) as ConfigMap;
    return Object.entries(map).map(([written, value]) => ({
      written,
      key: parseConfigKey(written, this.project),
      value,
    }));
  }
}
