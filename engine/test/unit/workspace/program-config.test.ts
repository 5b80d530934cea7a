import { programConfig, withDefaults, type ProgramConfig } from "../../../src/workspace/program-config";
import { parseProject, type Project } from "../../../src/workspace/project";
import { StackConfig } from "../../../src/workspace/stack-config";

const project = (config: string): Project => parseProject(`name: shop\nconfig:\n${config}`, "/w/Pulumi.yaml");
const decrypt = (ciphertext: string): string => `<${ciphertext}>`;
const given = (declared: string, stack: string): ProgramConfig =>
  programConfig(project(declared), "dev", StackConfig.parse(stack, "shop").values(), decrypt);

test("the program gets text, and JSON for what has structure, with the project's defaults", () => {
  const { config, secretKeys } = given(
    `
  replicas: { type: integer, default: 2 }
  on: { type: boolean, default: true }
  map: { type: object, default: { b: 1, a: [x] } }
  docker:host: { value: unix:///x }`,
    `config:
  title: Hello
  shop:count: 5
  shop:list: [1, two, { secure: "v1:a" }]
  shop:token: { secure: "v1:b" }
  other:config:old: z`,
  );
  expect(config).toEqual({
    "docker:host": "unix:///x",
    "other:old": "z",
    "shop:count": "5",
    "shop:list": '[1,"two","\\u003cv1:a\\u003e"]',
    "shop:map": '{"a":["x"],"b":1}',
    "shop:on": "true",
    "shop:replicas": "2",
    "shop:title": "Hello",
    "shop:token": "<v1:b>",
  });
  expect(secretKeys).toEqual(["shop:list", "shop:token"]);
});

test("what the stack says wins over a default", () => {
  expect(given("  replicas: { type: integer, default: 2 }", 'config: { "shop:replicas": "7" }').config).toEqual({
    "shop:replicas": "7",
  });
});

describe("a value of the wrong type is refused with the key, the value and what is allowed", () => {
  test.each([
    ["integer", "three", `it is "three", allowed is a whole number`],
    ["integer", "2.5", `it is "2.5", allowed is a whole number`],
    ["integer", "'2.5'", `it is "2.5", allowed is a whole number`],
    ["boolean", "yes please", `it is "yes please", allowed is true or false`],
    ["object", "text", `it is "text", allowed is a map`],
    [
      "array, items: { type: integer }",
      "[1, x]",
      `must be of type 'array<integer>': it is [1,"x"], allowed is a list, each item a whole number`,
    ],
  ])("%s: %s", (type, value, message) => {
    const run = (): unknown => given(`  k: { type: ${type} }`, `config: { "shop:k": ${value} }`);
    expect(run).toThrow("Stack 'dev' with configuration key 'k' must be of type");
    expect(run).toThrow(message);
    expect(run).toThrow("Change it with `pulumi config set k <value>`");
  });

  test("but a secret's value is not told", () => {
    const run = (): unknown => given("  k: { type: integer }", 'config: { "shop:k": { secure: "v1:a" } }');
    expect(run).toThrow("it is [secret], allowed is a whole number");
  });
});

test.each([
  ["integer", "'-3'"],
  ["integer", "3.0"],
  ["boolean", "'false'"],
  ["string", "text"],
  ["array, items: { type: array, items: { type: boolean } }", "[[true], []]"],
])("the CLI's rules allow %s: %s", (type, value) => {
  expect(() => given(`  k: { type: ${type} }`, `config: { "shop:k": ${value} }`)).not.toThrow();
});

test("all missing keys are told at once, with how to give them", () => {
  const run = (): unknown =>
    given("  c: { type: string }\n  a: { type: integer, description: how many }\n  b: {}\n  aws:x: 1", "config: {}");
  expect(run).toThrow("Stack 'dev' is missing configuration values 'a', 'b' and 'c'");
  expect(run).toThrow("pulumi config set a <value> (integer: a whole number, such as 3)  how many");
});

test("a key that must be secret and is not", () => {
  const run = (): unknown => given("  k: { type: string, secret: true }", 'config: { "shop:k": x }');
  expect(run).toThrow("'k' must be encrypted as it's secret. Use `pulumi config set --secret k`");
});

test("a declared key may be a path into a structure", () => {
  const { values, missing } = withDefaults(
    project("  outer.inner: { default: 1 }"),
    new Map([["shop:outer", { x: 2 }]]),
  );
  expect(missing).toEqual([]);
  expect(values.get("shop:outer")).toEqual({ x: 2, inner: 1 });
});
