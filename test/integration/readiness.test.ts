/**
 * Ready means a real page: the installer's work for the revision is recorded, and the front page answers below 500. A release that cannot do
 * that is never routed, and the next `up` mends what a failed one left. One plugin plays all of it; flags in the uploads volume steer it.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { ProgramCopy } from "../../lab/driver/program-copy";
import { TestStack, docker, execIn } from "../../lab/driver/stack";
import { until } from "../../lab/driver/until";
import { visitors } from "../support/visitors";

/** Fails the installer until the flag `installable` is there, and web pages until the flag `servable` is. */
const FRAGILE = `<?php
$flag = static fn (string $name): bool => file_exists("/var/www/wordpress/wp-content/uploads/$name");
if (PHP_SAPI === 'cli' && getenv('WORDPRESS_TITLE') !== false && !$flag('installable')) {
    trigger_error('the installer cannot go on', E_USER_ERROR);
}
if (PHP_SAPI !== 'cli' && !$flag('servable')) {
    throw new RuntimeException('no page today');
}
`;

let program: ProgramCopy;
let stack: TestStack;
let before: string[];
beforeAll(async () => {
  program = new ProgramCopy();
  stack = await TestStack.create("test-ready", 16, {}, { program: program.folder });
  await stack.up();
  before = await stack.servedBy();
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  program[Symbol.dispose]();
});

const up = () => stack.try(["up", "--yes", "--skip-preview"]);
const raise = async (flag: string): Promise<void> => {
  const { Id } = await stack.container("cron");
  const { code, output } = await execIn(Id, ["touch", `/var/www/wordpress/wp-content/uploads/${flag}`]);
  expect({ code, output }).toEqual({ code: 0, output: "" });
};

test("a replica has WordPress compiled, and can change none of it", async () => {
  const { Id } = await stack.container("wordpress");
  const cache = "/var/cache/opcache";
  const counted = await execIn(Id, ["sh", "-c", `find ${cache} -name '*.bin' | wc -l`]);
  expect(Number(counted.output)).toBeGreaterThan(500);
  const moved = await execIn(Id, [
    "sh",
    "-c",
    `mv ${cache}/* ${cache}/elsewhere || : >"$(find ${cache} -name '*.bin' | head -n 1)"`,
  ]);
  expect(moved.code).not.toBe(0);
});

test("a plugin that cannot be parsed fails `up` with PHP's words before a replica is made, and taken back it leaves nothing", async () => {
  const visited = visitors(stack.site, 2);
  program.mustUse("broken.php", "<?php this is broken(");
  const failed = await up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/installer-[0-9a-f]{8} failed with code \d+; no replica was started or taken away/);
  expect(failed.output).toMatch(/PHP Parse error: .*broken\.php/);
  program.mustUse("broken.php", "<?php\n// Mended.\n");
  await stack.up();
  expect((await visited.end()).failed).toEqual([]);
});

test("an installer that failed is run again by the next `up`; a replica whose pages answer 500 is never routed", async () => {
  before = await stack.servedBy();
  program.mustUse("fragile.php", FRAGILE);
  const visited = visitors(stack.site, 2);
  const first = await up();
  expect(first.code).not.toBe(0);
  expect(first.output).toContain("the installer cannot go on");
  expect(first.output).toContain("the next `up` runs it again");

  await raise("installable");
  const second = await up();
  expect(second.code).not.toBe(0);
  expect(second.output).toMatch(/2 of 2 replicas are not ready after \d+ s; nothing was taken away/);
  expect(second.output).toMatch(/the front page: HTTP\/1\.[01] 500/);
  expect(second.output).toMatch(/no page today/);
  expect(await stack.servedBy()).toEqual(before);

  await raise("servable");
  await stack.up();
  const { asked, failed } = await visited.end();
  expect({ asked: asked > 20, failed }).toEqual({ asked: true, failed: [] });
  expect(await stack.servedBy()).not.toEqual(before);
});

test("settings that nginx refuses fail `up` with nginx's words, though the replicas are the same", async () => {
  const template = path.join(program.folder, "templates/nginx.conf.mustache");
  const good = fs.readFileSync(template, "utf8");
  const visited = visitors(stack.site, 2);
  fs.writeFileSync(template, good.replace("server_tokens off;", "server_tokens off;\n    oops on;"));
  const failed = await up();
  expect(failed.code).not.toBe(0);
  expect(failed.output).toMatch(/nginx does not run the new settings\n.*refused: .*unknown directive "oops"/);

  fs.writeFileSync(template, good);
  await stack.up();
  expect((await visited.end()).failed).toEqual([]);
});

test("at rest a replica is checked once in ten seconds or so, and one that hangs is found out within a minute", async () => {
  const { Id } = await stack.container("wordpress");
  const container = docker.getContainer(Id);
  const checks = async () =>
    ((await container.inspect()).State.Health?.Log ?? []) as { Start: string; ExitCode: number }[];
  await until("two checks at rest", async () => (await checks()).filter(({ ExitCode }) => ExitCode === 0).length >= 3);
  const starts = (await checks()).slice(-2).map(({ Start }) => Date.parse(Start));
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(9_000);

  await execIn(Id, [
    "sh",
    "-c",
    "kill -STOP $(cat /tmp/apache.pid) $(ps -o pid= -C apache2 2>/dev/null || grep -l apache2 /proc/[0-9]*/comm | cut -d/ -f3)",
  ]);
  await until("unhealthy", async () => (await container.inspect()).State.Health?.Status === "unhealthy");
  await container.kill();
  await stack.up();
  expect(await stack.servedBy()).toHaveLength(2);
});
