/** What go-yaml v3 makes of a parsed YAML file. */
import { isAlias, isMap, isScalar, isSeq, Scalar } from "yaml";
import type { Document, Node, YAMLMap } from "yaml";

import { Failure } from "../failure";
import { Secure, type ConfigValue } from "./config-value";
import { MAX_INT64, resolvePlain, resolveTagged, type Resolved } from "./go-scalar";
import { formatFloat } from "./go-text";
import { Timestamp } from "./go-time";
import { TAG_PREFIX } from "./yaml-text";

/** More values than this come only from aliases of aliases of aliases. */
const MAX_VALUES = 100_000;

/** What go-yaml makes of the nodes of one document. */
export class YamlReader {
  private values = 0;
  private readonly open = new Set<Node>();

  /** @param timestamps as the text that a stack's config makes of them, or as they are. */
  constructor(
    private readonly document: Document,
    private readonly file: string,
    private readonly timestamps: "text" | "kept",
  ) {}

  /** A value, and all in it. A whole number above Go's int64 comes out as a float, as it does once the CLI has stored it as JSON. */
  read(node: unknown): ConfigValue {
    const value = this.readNode(node);
    return typeof value === "bigint" && value > MAX_INT64 ? Number(value) : value;
  }

  /** The value of a config key in a stack's file: the CLI keeps scalars as text, and nothing as empty text. */
  readSetting(node: unknown): ConfigValue {
    const value = this.readNode(node);
    if (value === null) return "";
    return typeof value === "object" ? value : String(value);
  }

  /** Keys and values of a map, with what is merged into it. A key that is no text is written as Go prints it. */
  entries(map: YAMLMap): { key: string; value: unknown }[] {
    const found = new Map<string, unknown>();
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      if (isMerge(key)) merged.push(value);
      else found.set(this.readKey(key), value);
    }
    for (const source of merged.flatMap((node) => this.mergeSources(node))) {
      for (const { key, value } of this.guarded(source, () => this.entries(source)))
        if (!found.has(key)) found.set(key, value);
    }
    return [...found].map(([key, value]) => ({ key, value }));
  }

  resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const target = node.resolve(this.document);
    if (target === undefined) throw this.failure(`unknown anchor '${node.source}' referenced`);
    return target;
  }

  private readNode(node: unknown): ConfigValue {
    if (this.open.size === 0) this.values = 0;
    if (++this.values > MAX_VALUES) throw this.failure("document contains excessive aliasing");
    const resolved = this.resolve(node);
    if (isScalar(resolved)) return this.readScalar(resolved);
    if (isSeq(resolved)) return this.guarded(resolved, () => resolved.items.map((item) => this.read(item)));
    if (!isMap(resolved)) return null;
    return this.guarded(resolved, () => {
      const entries = this.entries(resolved).map(({ key, value }) => [key, this.read(value)] as const);
      const [only] = entries;
      if (entries.length === 1 && only?.[0] === "secure" && typeof only[1] === "string") return new Secure(only[1]);
      return Object.fromEntries(entries);
    });
  }

  private readScalar(node: Scalar): ConfigValue {
    const { value } = this.scalar(node);
    if (typeof value === "number" && !Number.isFinite(value))
      throw this.failure(`unsupported value: ${formatNonFinite(value)} is no number that a config can hold`);
    // Go has no negative zero left once it has stored the value as text.
    if (Object.is(value, -0)) return 0;
    return value instanceof Timestamp && this.timestamps === "text" ? value.toString() : value;
  }

  private scalar(node: Scalar): Resolved {
    const text = typeof node.value === "string" ? node.value : "";
    const { tag } = node;
    const standard = tag?.startsWith(TAG_PREFIX) === true ? tag.slice(TAG_PREFIX.length) : undefined;
    try {
      if (standard !== undefined) return resolveTagged(standard, text);
    } catch (error) {
      throw this.failure(error instanceof Error ? error.message : String(error));
    }
    const quoted = node.type !== undefined && node.type !== Scalar.PLAIN;
    const tagged = tag !== undefined && tag !== "!";
    return quoted || tagged ? { tag: "str", value: text } : resolvePlain(text);
  }

  private readKey(node: unknown): string {
    const resolved = this.resolve(node);
    if (resolved === null) return "<nil>";
    if (!isScalar(resolved)) throw this.failure("a map or a list cannot be a key");
    const { tag, value } = this.scalar(resolved);
    if (value === null) return "<nil>";
    return tag === "float" && typeof value === "number" ? formatFloat(value) : String(value);
  }

  private mergeSources(node: unknown): YAMLMap[] {
    const target = this.resolve(node);
    const sources = isSeq(target) && !isAlias(node) ? target.items.map((item) => this.resolve(item)) : [target];
    return sources.map((source) => {
      if (isMap(source)) return source;
      throw this.failure("map merge requires map or sequence of maps as the value");
    });
  }

  /** Refuses what contains itself. */
  private guarded<T>(node: Node, work: () => T): T {
    if (this.open.has(node)) throw this.failure("an anchor's value contains itself");
    this.open.add(node);
    try {
      return work();
    } finally {
      this.open.delete(node);
    }
  }

  private failure(reason: string): Failure {
    return new Failure(`could not unmarshal '${this.file}': ${reason}`);
  }
}

/** `<<`, without quotes. */
export function isMerge(key: unknown): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return key.tag === `${TAG_PREFIX}merge` || (key.tag === undefined && (key.type ?? Scalar.PLAIN) === Scalar.PLAIN);
}

function formatNonFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
