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
  shop:c: "x: y"
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
