import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Desired } from "../../contract/consul-kv";

/** What the template asks of `desired` before it reads it: consul-template ends at a value that it cannot read. */
const template = readFileSync(join(__dirname, "../../templates/upstreams.conf.ctmpl"), "utf8");
const isReadable = new RegExp(/regexMatch `([^`]+)`/.exec(template)?.[1] ?? "no such line");

const desired = (...names: string[]): Desired => ({
  generation: 12,
  members: names.map((name) => ({ name, containerId: "0123456789abcdef".repeat(4) })),
});

test.each([[[]], [["dev-wordpress-1"]], [["dev-wordpress-1", "dev-wordpress_2.b", "dev-wordpress-100"]]])(
  "what Rollout and the reloader write is read: %j",
  (names) => {
    expect(JSON.stringify(desired(...names))).toMatch(isReadable);
  },
);

test.each([
  ...["", "{}", "[]", "null", "junk", "{", '{"members":"abc"}', '{"generation":1,"members":[null]}'],
  ...['{"generation":0,"members":[]}', '{"generation":1,"members":{}}', '{"generation":"1","members":[]}'],
  `${JSON.stringify(desired("a"))}x`,
  JSON.stringify(desired("a")).replace("}]", "},]"),
  JSON.stringify(desired('a"b')),
])("what nobody can read counts as none: %s", (value) => {
  expect(value).not.toMatch(isReadable);
});
