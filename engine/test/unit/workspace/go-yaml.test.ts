/**
 * What go-yaml v3.0.1, and the CLI 3.260 on top of it, make of scalars: fixtures/go-yaml.json holds what they answered (TZ=UTC).
 * `value`: of a key in a stack's config, as `config get` shows it and as the program gets it; `nested`: in a map there; `default`: of a
 * key in Pulumi.yaml, where that is another. `texts`: what the CLI writes for a text.
 */
import { textOf } from "../../../src/workspace/config-value";
import { programConfig } from "../../../src/workspace/program-config";
import { parseProject } from "../../../src/workspace/project";
import { StackConfig } from "../../../src/workspace/stack-config";
import table from "./fixtures/go-yaml.json";

interface Row {
  readonly source: string;
  readonly refused?: true;
  readonly value?: string;
  readonly nested?: string;
  readonly default?: string | null | { readonly refused: true };
}

const rows = table.scalars as readonly Row[];
const accepted = rows.filter(({ refused }) => refused === undefined);
const key = { namespace: "p", name: "k" };

const read = (yaml: string): string => {
  const value = StackConfig.parse(yaml, "p").get(key);
  return value === undefined ? "(nothing)" : textOf(value, (text) => text);
};
const top = (source: string): string => read(`config:\n  p:k: ${source}\n`);
const nested = (source: string): string => read(`config:\n  p:k:\n    a: ${source}\n`);

const byDefault = (source: string): string | null => {
  const project = parseProject(`name: p\nruntime: nodejs\nconfig:\n  k:\n    default: ${source}\n`, "Pulumi.yaml");
  if (project.config[0]?.fallback === undefined) return null;
  return programConfig(project, "dev", new Map(), (text) => text).config["p:k"] ?? "(nothing)";
};

/** Blanks at the ends of lines, and before comments, are nobody's text. */
const tidy = (yaml: string): string =>
  yaml.replace(/ *(#.*)?$/gm, (_, comment = "") => (comment === "" ? "" : ` ${comment as string}`));

/** Where go-yaml writes what means the same, but is hard to read: a block's hint, a bare line separator, an escape for what follows one. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "\n": String.raw`"\n"`,
  "\na": String.raw`"\na"`,
  "a\u2028b": String.raw`"a\Lb"`,
  "\ufeffa": String.raw`"\uFEFFa"`,
};

test("the table is large enough to mean something", () => {
  expect(rows.length).toBeGreaterThan(300);
  expect(table.texts.length).toBeGreaterThan(100);
});

test.each(accepted.map((row) => [row.source, row] as const))("read: %s", (source, row) => {
  expect({ value: top(source), nested: nested(source) }).toEqual({ value: row.value, nested: row.nested });
  if (typeof row.default === "object" && row.default !== null) expect(() => byDefault(source)).toThrow();
  else expect(byDefault(source)).toEqual(row.default === undefined ? row.value : row.default);
});

test.each(rows.filter(({ refused }) => refused).map(({ source }) => source))("refused: %s", (source) => {
  expect(() => top(source)).toThrow("could not unmarshal 'Pulumi.test.yaml'");
});

test.each(accepted.map(({ source }) => source))(
  "an unrelated `config set` and `config rm` leave %s as it is",
  (source) => {
    const file = `config:\n  p:k: ${source}\n  p:list:\n    - ${source}\n`;
    const config = StackConfig.parse(file, "p");
    config.set({ namespace: "p", name: "other" }, "5");
    expect(tidy(config.toString())).toBe(tidy(`${file}  p:other: "5"\n`));
    config.remove({ namespace: "p", name: "other" });
    expect(tidy(config.toString())).toBe(tidy(file));
  },
);

test.each(table.texts.map(({ text, written }) => [JSON.stringify(text).slice(0, 60), text, written] as const))(
  "written as the CLI writes it: %s",
  (_title, text, written) => {
    const config = StackConfig.parse("", "p");
    config.set(key, text);
    const mine = OTHERWISE[text];
    expect(config.toString()).toBe(`config:\n${mine === undefined ? written : `  p:k: ${mine}\n`}`);
    expect(read(config.toString())).toBe(text);
  },
);
