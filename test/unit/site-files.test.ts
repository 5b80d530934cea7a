/** What a plugin or a theme of site/ brings along, built files included, is committed and goes into the image; nobody formats or lints it. */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createGunzip } from "node:zlib";
import { buildContext } from "@wordpress-autoscaling/engine/src/providers/docker/build-context";
import * as tar from "tar-stream";

const root = path.resolve(__dirname, "../..");
const FILES = [
  "dist/app.js",
  "bin/tool",
  "node_modules/left/index.mjs",
  "coverage/report.ts",
  "README.md",
  "a.test.js",
  "debug.log",
].flatMap((file) => [`site/plugins/shop/${file}`, `site/themes/plain/assets/${file}`]);
const OURS = [
  "node_modules/x",
  "engine/node_modules/x",
  "engine/dist/cli.js",
  "ops/dist/autoscaler.js",
  "lab/dist/campaign.js",
  "images/registrator/dist/registrator.js",
  "coverage/x",
  ".state/passphrase",
  "engine/.state/passphrase",
  "Pulumi.test-x.yaml",
  "npm-debug.log",
];

let folder = "";
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "site-files-"));
  for (const name of [".gitignore", ".dockerignore", ".prettierignore", ".prettierrc.json"])
    fs.copyFileSync(path.join(root, name), path.join(folder, name));
  for (const name of [...FILES, ...OURS, "images/nginx/Dockerfile", "site/README.md"]) {
    fs.mkdirSync(path.join(folder, name, ".."), { recursive: true });
    fs.writeFileSync(path.join(folder, name), "const   a=1");
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

test("git commits them, and nothing that is made here", () => {
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" });
  git("init", "--quiet");
  // The user's own ignore rules play no part.
  git("config", "core.excludesFile", "/dev/null");
  const committed = git("ls-files", "--others", "--exclude-standard").split("\n");
  expect(committed).toEqual(expect.arrayContaining(FILES));
  for (const name of OURS) expect(committed).not.toContain(name);
  expect(spawnSync("git", ["check-ignore", ...FILES], { cwd: folder, encoding: "utf8" })).toMatchObject({
    status: 1,
    stdout: "",
  });
});

test("they go into the image", async () => {
  const { stream } = await buildContext(folder, "images/nginx/Dockerfile");
  const names: string[] = [];
  const extract = tar.extract().on("entry", ({ name }, body, next) => {
    names.push(name);
    body.on("end", next).resume();
  });
  await new Promise((done, failed) => {
    stream.on("error", failed).pipe(createGunzip()).pipe(extract).on("finish", done).on("error", failed);
  });
  expect(names).toEqual(expect.arrayContaining(FILES));
  expect(names).toContain("images/registrator/dist/registrator.js");
  expect(names.filter((name) => !/^(images|site)(\/|$)|^\.dockerignore$/.test(name))).toEqual([]);
  expect(names).not.toContain("site/README.md");
});

test("the format is not checked in them", () => {
  const prettier = path.join(root, "node_modules/prettier/bin/prettier.cjs");
  const { stdout } = spawnSync(process.execPath, [prettier, "--list-different", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/^site\/README\.md$/m);
  expect(stdout).not.toMatch(/^site\/.*\//m);
});

test("they are not linted", () => {
  const eslint = path.join(root, "node_modules/eslint/bin/eslint.js");
  const file = path.join(root, "site/plugins/none/a.mjs");
  const { stdout } = spawnSync(process.execPath, [eslint, "--stdin", "--stdin-filename", file], {
    cwd: root,
    encoding: "utf8",
    input: "const   a=1",
  });
  expect(stdout).toMatch(/File ignored/);
});
