import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { findProjectFile, parseProject } from "../../../src/workspace/project";

const parse = (yaml: string): ReturnType<typeof parseProject> => parseProject(yaml, "/srv/Pulumi.yaml");

test("Pulumi.yaml in its long and short forms", () => {
  const project = parse(`
name: shop
runtime:
  name: nodejs
  options: { typescript: true }
main: src
description: sells
stackConfigDir: stacks
backend: { url: "file:///srv" }
config:
  replicas: { type: integer, default: 2, description: how many }
  title: Hello
  shop:names: { type: array, items: { type: string } }
  docker:host: { value: unix:///x }
  aws:region: eu
`);
  expect(project).toMatchObject({
    name: "shop",
    folder: "/srv",
    main: "src",
    configFolder: "/srv/stacks",
    backendUrl: "file:///srv",
  });
  expect(project.config.map(({ key, type, fallback }) => [key, type?.name, fallback])).toEqual([
    ["replicas", "integer", 2],
    ["title", undefined, "Hello"],
    ["shop:names", "array", undefined],
    ["docker:host", undefined, "unix:///x"],
    ["aws:region", undefined, "eu"],
  ]);
});

test("defaults: runs in its folder, config beside it", () => {
  expect(parse("name: a\nruntime: nodejs")).toMatchObject({ main: ".", configFolder: "/srv", config: [] });
});

describe("a Pulumi.yaml that is wrong is refused with the file and the reason", () => {
  test.each([
    ["runtime: nodejs", "missing a 'name' attribute"],
    ["name: a\nruntime: python", 'runtime is "python"; this engine runs nodejs programs only. Use the Pulumi CLI'],
    [
      "name: a\nconfig: { k: { type: number } }",
      'has the type "number"; allowed are string, integer, boolean, array, object',
    ],
    ["name: a\nconfig: { k: { type: array } }", "declares an array but does not specify the underlying type"],
    [
      "name: a\nconfig: { k: { type: integer, default: three } }",
      "not of the expected type 'integer': it is \"three\"",
    ],
    ["name: a\nconfig: { k: { default: 1, value: 2 } }", "cannot have both a 'default' and 'value'"],
    ["name: a\nconfig: { 'aws:k': { type: string } }", "is not namespaced by the project and should not define a type"],
    ["name: a\nconfig: { 'aws:k': { default: x } }", "Did you mean to use the 'value' attribute"],
    ["name: a\nconfig: { 'aws:k': { description: x } }", "must provide an attribute 'value'"],
    ["name: a\nconfig: [1]", "config must be a map"],
    ["name: a\noptions: always", "'options' must be a map, not \"always\""],
    ["name: a\noptions: { refresh: never }", 'options.refresh is "never"; allowed is only "always"'],
    ["name: a\noptions: { refesh: always }", "options has the key 'refesh'; allowed is only 'refresh'"],
    ["name: [a]", "'name' must be a string"],
  ])("%j", (yaml, reason) => {
    expect(() => parse(yaml)).toThrow(`could not validate '/srv/Pulumi.yaml'`);
    expect(() => parse(yaml)).toThrow(reason);
  });

  test("YAML that is none, with line and column", () => {
    expect(() => parse("name: a\n  runtime: 'x")).toThrow(
      /could not unmarshal '\/srv\/Pulumi.yaml': line \d+, column \d+/,
    );
  });
});

test("the project is found from a folder below it", async () => {
  const root = await mkdtemp(path.join(os.tmpdir(), "project-"));
  await mkdir(path.join(root, "a", "b"), { recursive: true });
  expect(() => findProjectFile(path.join(root, "a"))).toThrow("no Pulumi.yaml project file found");
  await writeFile(path.join(root, "Pulumi.yaml"), "name: a");
  expect(findProjectFile(path.join(root, "a", "b"))).toBe(path.join(root, "Pulumi.yaml"));
  await rm(root, { recursive: true });
});
