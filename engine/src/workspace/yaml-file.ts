/** YAML files, read and written as the CLI does with go-yaml v3. What is not changed keeps its comments, its order and its source text. */
import { isScalar, Pair, parseDocument, visit, YAMLMap, YAMLSeq } from "yaml";
import type { Document, Node } from "yaml";

import { Failure } from "../failure";
import { Secure, isMap as isConfigMap, type ConfigValue } from "./config-value";
import { formatFloat } from "./go-text";
import { Timestamp } from "./go-time";
import { isMerge, type YamlReader } from "./yaml-reader";
import { keyNode, sourceNode, TAGGED, TEXT, textNode } from "./yaml-text";

/** @throws Failure that names the file, the line, the column and what is wrong there. */
export function parseYamlFile(content: string, file: string): Document {
  const document = parseDocument(content, {
    schema: "failsafe",
    customTags: () => [TEXT, ...TAGGED, "map", "seq"],
    keepSourceTokens: true,
    prettyErrors: true,
  });
  const [problem] = document.errors;
  if (problem === undefined) return document;
  const [at] = problem.linePos ?? [];
  const reason = problem.message.split(" at line ")[0] ?? problem.message;
  throw new Failure(`could not unmarshal '${file}': line ${at?.line ?? "?"}, column ${at?.col ?? "?"}: ${reason}`);
}

export function formatYaml(document: Document): string {
  return document.toString({ lineWidth: 0, indentSeq: true, singleQuote: true, flowCollectionPadding: false });
}

/**
 * Puts copies in the place of aliases and merges, as the CLI does whenever it writes: a change to one place of the file must not be one to
 * another.
 */
export function inlineAliases(document: Document, reader: YamlReader): void {
  const shared: unknown[] = [];
  visit(document, {
    Alias: (_, alias) => {
      shared.push(alias);
    },
    Pair: (_, { key }) => {
      if (isMerge(key)) shared.push(key);
    },
  });
  if (shared.length === 0) return;
  visit(document, {
    Alias: (_, alias) => copyOf(reader.resolve(alias)),
    Map: (_, map) => {
      if (!map.items.some(({ key }) => isMerge(key))) return;
      const own = map.items.filter(({ key }) => !isMerge(key));
      const keys = new Set(own.map(({ key }) => (isScalar(key) ? key.value : undefined)));
      const merged = reader.entries(map).filter(({ key }) => !keys.has(key));
      map.items = [...own, ...merged.map(({ key, value }) => new Pair(keyNode(key), value))];
    },
  });
  visit(document, {
    Node: (_, node) => {
      delete (node as { anchor?: string }).anchor;
    },
  });
}

/** Comments stay where they were written. */
function copyOf(node: unknown): Node {
  const copy = (node as Node).clone() as Node;
  copy.comment = copy.commentBefore = undefined;
  return copy;
}

/** To what stands in the file. */
export function toNode(value: ConfigValue): Node {
  if (value instanceof Secure) return mapNode([["secure", value.ciphertext]]);
  if (value instanceof Timestamp) return textNode(value.toString());
  if (typeof value === "string") return textNode(value);
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.items = value.map(toNode);
    return list;
  }
  if (isConfigMap(value)) return mapNode(Object.entries(value));
  return sourceNode(typeof value === "number" && !Number.isInteger(value) ? formatFloat(value) : String(value));
}

function mapNode(entries: readonly (readonly [string, ConfigValue])[]): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of entries) map.items.push(new Pair(keyNode(key), toNode(value)));
  return map;
}
