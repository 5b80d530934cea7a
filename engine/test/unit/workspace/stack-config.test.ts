import { readFileSync } from "node:fs";
import * as path from "node:path";

import { Secure } from "../../../src/workspace/config-value";
import { StackConfig } from "../../../src/workspace/stack-config";

const key = (name: string): { namespace: string; name: string } => ({ namespace: "shop", name });
const DIALS = `# the dials of dev
config:
  # how many
  shop:replicas: 2 # more is slower
  title: "Hello"
`;

test("a changed value keeps every comment and the order", () => {
  const config = StackConfig.parse(DIALS, "shop");
  config.set(key("replicas"), "5");
  expect(config.toString()).toBe(DIALS.replace(": 2 #", ': "5" #'));
});

test("keys are found with or without the project's name, and stay as written", () => {
  const config = StackConfig.parse(DIALS, "shop");
  config.set(key("title"), "Bye");
  expect(config.toString()).toContain('  title: "Bye"\n');
  expect([...config.values().keys()]).toEqual(["shop:replicas", "shop:title"]);
});

test("a new key gets its namespace, and text that looks like something else is quoted", () => {
  const config = StackConfig.parse("", "shop");
  config.set(key("a"), "1");
  config.set(key("b"), "true");
  config.set(key("c"), "x: y");
  config.set(key("d"), new Secure("v1:x:y"));
  config.set(key("e"), { list: [1, new Secure("v1:z")] });
  expect(config.toString()).toBe(`config:
  shop:a: "1"
  shop:b: "true"
  shop:c: 'x: y'
  shop:d:
    secure: v1:x:y
  shop:e:
    list:
      - 1
      - secure: v1:z
`);
  const again = StackConfig.parse(config.toString(), "shop");
  expect(again.get(key("a"))).toBe("1");
  expect(again.get(key("e"))).toEqual({ list: [1, new Secure("v1:z")] });
});

test("a secret can take a plain value's place, and the other way round", () => {
  const config = StackConfig.parse(DIALS, "shop");
  config.set(key("replicas"), new Secure("v1:x"));
  expect(config.get(key("replicas"))).toEqual(new Secure("v1:x"));
  expect(config.hasSecrets()).toBe(true);
  config.set(key("replicas"), "3");
  expect(config.get(key("replicas"))).toBe("3");
  expect(config.hasSecrets()).toBe(false);
});

test("the salt is written first, and the file's head comment stays at the head", () => {
  const config = StackConfig.parse(DIALS, "shop");
  expect(config.salt).toBeUndefined();
  config.setSalt("v1:a:b");
  expect(config.toString()).toBe(DIALS.replace("config:", "encryptionsalt: v1:a:b\nconfig:"));
  config.setSalt("v1:c:d");
  expect(StackConfig.parse(config.toString(), "shop").salt).toBe("v1:c:d");
});

test("removing takes the key only", () => {
  const config = StackConfig.parse(DIALS, "shop");
  config.remove(key("title"));
  config.remove(key("nothing"));
  expect(config.toString()).toBe(DIALS.replace('  title: "Hello"\n', ""));
  config.remove(key("replicas"));
  expect([...config.values()]).toEqual([]);
});

test("another secrets provider is noticed", () => {
  expect(StackConfig.parse("secretsprovider: awskms://x", "shop").foreignSecretsProvider).toBe('"awskms://x"');
  expect(StackConfig.parse("secretsprovider: passphrase", "shop").foreignSecretsProvider).toBeUndefined();
});

test("a file that the CLI wrote", () => {
  const file = path.join(__dirname, "..", "state", "fixtures", "cli-3.260", "Pulumi.cli.yaml");
  const content = readFileSync(file, "utf8");
  const config = StackConfig.parse(content, "fixture");
  expect(config.salt).toMatch(/^v1:Jjzq5p618Ns=:v1:/);
  expect(config.get({ namespace: "fixture", name: "deep" })).toEqual({
    list: [{ key: expect.any(Secure) as unknown }],
    number: 7,
  });
  expect(config.get({ namespace: "fixture", name: "weird" })).toBe("line1\nline2");
  expect(config.toString()).toBe(content);
});

describe("anchors, aliases and merges", () => {
  const SHARED = `config:
  shop:a: &size 0755 # octal
  shop:b: *size
  shop:c: &both { x: 1, y: 2 }
  shop:d:
    <<: *both
    y: 3
    z: yes
`;
  const at = (yaml: string, name: string): unknown => StackConfig.parse(yaml, "shop").get(key(name));

  test("are read as go-yaml reads them: what is given wins over what is merged, and the first of several merged over the others", () => {
    expect(at(SHARED, "b")).toBe("493");
    expect(at(SHARED, "d")).toEqual({ x: 1, y: 3, z: "yes" });
    const two = "config:\n  shop:l: [ &a { x: 1 }, &b { x: 2, y: 2 } ]\n  shop:m: { <<: [ *a, *b ] }\n";
    expect(at(two, "m")).toEqual({ x: 1, y: 2 });
    expect(at('config: { "shop:m": { "<<": 1 } }', "m")).toEqual({ "<<": 1 });
  });

  test("a change to one place is none to the others, and removing the anchored one leaves the others whole", () => {
    const config = StackConfig.parse(SHARED, "shop");
    config.set(key("a"), "5");
    expect(config.toString()).toContain('shop:a: "5" # octal\n  shop:b: 0755\n');
    expect(at(config.toString(), "d")).toEqual({ x: 1, y: 3, z: "yes" });
    config.remove(key("c"));
    expect(at(config.toString(), "d")).toEqual({ x: 1, y: 3, z: "yes" });
    config.remove(key("a"));
    expect(at(config.toString(), "b")).toBe("493");
  });

  test("a key that is merged into the config can be changed and removed", () => {
    const merged = "base: &base { shop:a: 1, shop:b: 2 }\nconfig:\n  <<: *base\n  shop:b: 3\n";
    const config = StackConfig.parse(merged, "shop");
    expect([...config.values()]).toEqual([
      ["shop:b", "3"],
      ["shop:a", "1"],
    ]);
    config.set(key("a"), "7");
    expect(at(config.toString(), "a")).toBe("7");
    config.remove(key("a"));
    expect([...StackConfig.parse(config.toString(), "shop").values()]).toEqual([["shop:b", "3"]]);
  });

  test.each([
    ["config: { shop:a: *nowhere }", "unknown anchor 'nowhere' referenced"],
    ["config: { shop:a: { <<: 1 } }", "map merge requires map or sequence of maps as the value"],
    ["config: { shop:a: &a [ *a ] }", "an anchor's value contains itself"],
    ["config: { shop:a: 1, shop:a: 2 }", "Map keys must be unique"],
    ["config: [1]", "'config' must be a map of keys"],
    ["- 1", "it is not a map of keys"],
  ])("%s is refused", (yaml, reason) => {
    expect(() => StackConfig.parse(yaml, "shop").values()).toThrow("could not unmarshal 'Pulumi.test.yaml'");
    expect(() => StackConfig.parse(yaml, "shop").values()).toThrow(reason);
  });

  test("aliases of aliases do not grow without end", () => {
    const lines = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [ ${`*l${i}, `.repeat(9)}1 ]`);
    const bomb = `l0: &l0 [ 1 ]\n${lines.join("\n")}\nconfig: { shop:a: *l12 }\n`;
    expect(() => StackConfig.parse(bomb, "shop").values()).toThrow("excessive aliasing");
  });
});

test("in a map on one line a text keeps what would end it in quotes", () => {
  const config = StackConfig.parse("config: {shop:a: 1}\n", "shop");
  config.set(key("b"), "x, y: [z]");
  config.set(key("c"), "http://x/");
  expect(config.toString()).toBe("config: {shop:a: 1, shop:b: 'x, y: [z]', shop:c: http://x/}\n");
  expect(StackConfig.parse(config.toString(), "shop").get(key("b"))).toBe("x, y: [z]");
});
