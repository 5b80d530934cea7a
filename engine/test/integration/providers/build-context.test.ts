/** The build context beside the one that docker's own client sends: a daemon that only records what it is sent. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import * as fc from "fast-check";
import * as tar from "tar-stream";
import { buildContext } from "@wordpress-autoscaling/engine/src/providers/docker/build-context";

/** What every context holds; the Dockerfile and the ignore file come on top. */
const FILES = [
  "a",
  "b.md",
  "dir/a",
  "dir/b.md",
  "dir/sub/a",
  "dir/sub/README.md",
  "dir2/a",
  "other/dir/a",
  "node_modules/dir/a",
  "node_modules/b.md",
  "we(ird)/a+b",
  "we(ird)/[x]",
  ".hidden/a",
  "é/a",
];

let folder = "";
let server: http.Server;
const received: Promise<string[]>[] = [];

beforeAll(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), "engine-test-context-"));
  fs.mkdirSync(join(folder, "config"));
  server = http.createServer((request, response) => {
    response.setHeader("Api-Version", "1.41");
    if (/\/build\?/.test(request.url ?? "")) {
      const names = listing(request);
      received.push(names);
      void names.then(() => response.end("{}"));
    } else response.end("OK");
  });
  await new Promise<void>((done) => server.listen(join(folder, "sock"), done));
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  fs.rmSync(folder, { recursive: true });
});

/** Each entry as type, name, mode and link. */
function listing(archive: Readable): Promise<string[]> {
  return new Promise((done, failed) => {
    const names: string[] = [];
    const extract = tar.extract();
    extract.on("entry", ({ type, name, mode = 0, linkname }, body, next) => {
      names.push(`${type ?? ""} ${name.replace(/\/$/, "")} ${mode.toString(8)}${linkname ? ` -> ${linkname}` : ""}`);
      body.on("end", next).resume();
    });
    extract.on("finish", () => done(names.sort()));
    archive.on("error", failed).pipe(extract).on("error", failed);
  });
}

/** What the client sends, or undefined where it refuses. */
async function byTheClient(context: string): Promise<string[] | undefined> {
  const env = {
    ...process.env,
    DOCKER_BUILDKIT: "0",
    DOCKER_HOST: `unix://${join(folder, "sock")}`,
    DOCKER_CONFIG: join(folder, "config"),
    DOCKER_CONTEXT: "",
  };
  const client = spawn("docker", ["build", "--quiet", context], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  client.stderr.on("data", (text) => (said += String(text)));
  const code = await new Promise((done, failed) => client.once("error", failed).once("close", done));
  const sent = received.pop();
  if (sent === undefined && code === 0) throw new Error(`docker sent nothing: ${said}`);
  return sent;
}

async function byTheProvider(context: string): Promise<string[] | undefined> {
  try {
    const { stream } = await buildContext(context, "Dockerfile");
    const archive = createGunzip();
    stream.on("error", (error) => archive.destroy(error)).pipe(archive);
    return await listing(archive);
  } catch (error) {
    if (/is no pattern/.test(String(error))) return undefined;
    throw error;
  }
}

function makeContext(ignore: string): string {
  const context = fs.mkdtempSync(join(folder, "context-"));
  for (const name of [...FILES, "Dockerfile"]) {
    fs.mkdirSync(join(context, name, ".."), { recursive: true });
    fs.writeFileSync(join(context, name), name);
  }
  fs.chmodSync(join(context, "a"), 0o755);
  fs.symlinkSync("nowhere", join(context, "dir", "link"));
  fs.symlinkSync("../dir", join(context, "dir2", "link"));
  fs.writeFileSync(join(context, ".dockerignore"), ignore);
  return context;
}

async function expectTheSame(ignore: string): Promise<void> {
  const context = makeContext(ignore);
  const client = await byTheClient(context);
  const provider = await byTheProvider(context);
  fs.rmSync(context, { recursive: true });
  expect({ ignore, sent: provider }).toEqual({ ignore, sent: client });
}

test.each([
  "",
  "*\n!dir\n!site\n**/README.md\n**/*.test.*",
  "dir/\n/dir2/",
  "*\n!*/a",
  "*\n!**/a",
  "**\n!dir/sub",
  "dir\n!dir/sub\ndir/sub/a",
  "dir\n!dir/sub/**\n",
  "**/dir",
  "**/dir/**\n!**/dir/a",
  "dir/**",
  "dir/**/a",
  "node_modules\n!node_modules/dir/a",
  "we(ird)\n!we(ird)/a+b",
  "we(ird)/\\[x\\]",
  "?\n!a",
  "d[hi]r\nd[^x]r2",
  "\ufeff# no comment\r\n  dir  \r\n\r\n#a\r\n",
  "! dir\n*",
  "*\n! dir ",
  "./a\ndir/../b.md\n//dir2",
  "..\n../a",
  ".*\n!.hidden",
  "é",
  "Dockerfile*\n.dockerignore",
  "!",
  "!/",
  "[",
  "a[",
  "[]a]",
  "[^]",
  "[z-a]",
  "a\\",
  "/",
  ".",
])("as the client: %j", async (ignore) => {
  await expectTheSame(ignore);
});

test("as the client, whatever the rules", async () => {
  const part = fc.constantFrom(
    "*",
    "**",
    "a",
    "dir",
    "sub",
    "d?r",
    "*.md",
    "README.md",
    "[a-d]*",
    "di\\r",
    "we(ird)",
    ".",
  );
  const path = fc
    .tuple(
      fc.constantFrom("", "/", "!", "!/", "! "),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("", "/"),
    )
    .map(([begin, parts, end]) => `${begin}${parts.join("/")}${end}`);
  const rules = fc.array(path, { minLength: 1, maxLength: 5 }).map((lines) => lines.join("\n"));
  await fc.assert(fc.asyncProperty(rules, expectTheSame), { numRuns: 100 });
});
