/** What goes into a build, and what is said of its progress. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import * as tar from "tar-stream";
import { buildContext } from "@wordpress-autoscaling/engine/src/providers/docker/build-context";
import { BuildProgress } from "@wordpress-autoscaling/engine/src/providers/docker/build-progress";
import { buildOptions } from "@wordpress-autoscaling/engine/src/providers/docker/image-build";
import { encodeTexts } from "@wordpress-autoscaling/engine/src/providers/docker/protobuf";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "engine-test-context-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text = name, mode = 0o644): void => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
};

/** Each entry as "name mode" or "name -> target"; the contents of files in a map. */
async function entries(
  dockerfile: string,
): Promise<{ names: string[]; dockerfile: string; contents: Map<string, string> }> {
  const context = await buildContext(folder, dockerfile);
  const contents = new Map<string, string>();
  const names: string[] = [];
  const extract = tar.extract();
  extract.on("entry", (header, stream, next) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      names.push(
        header.type === "symlink"
          ? `${header.name} -> ${header.linkname ?? ""}`
          : `${header.name} ${(header.mode ?? 0).toString(8)}`,
      );
      contents.set(header.name, Buffer.concat(chunks).toString());
      next();
    });
  });
  await new Promise<void>((done, failed) => {
    context.stream.on("error", failed).pipe(createGunzip()).pipe(extract).on("finish", done).on("error", failed);
  });
  return { names, dockerfile: context.dockerfile, contents };
}

test("files, modes, folders and links travel; what .dockerignore names does not, but the Dockerfile always does", async () => {
  write("Dockerfile");
  write("run.sh", "x", 0o755);
  write("src/a.js");
  write("src/secret/key");
  write("node_modules/big/index.js");
  write("node_modules/keep/me.js");
  symlinkSync("run.sh", join(folder, "link"));
  write(".dockerignore", "node_modules\n!node_modules/keep/me.js\n**/secret\nDockerfile\n");
  const { names, dockerfile } = await entries("Dockerfile");
  expect(dockerfile).toBe("Dockerfile");
  expect(names).toEqual([
    ".dockerignore 644",
    "Dockerfile 644",
    "link -> run.sh",
    "node_modules/keep/me.js 644",
    "run.sh 755",
    "src 755",
    "src/a.js 644",
  ]);
});

test("a Dockerfile's own ignore file wins", async () => {
  write("docker/App.Dockerfile");
  write("docker/App.Dockerfile.dockerignore", "b");
  write(".dockerignore", "a");
  write("a");
  write("b");
  const { names, dockerfile } = await entries("docker/App.Dockerfile");
  expect(dockerfile).toBe("docker/App.Dockerfile");
  expect(names).toContain("a 644");
  expect(names).not.toContain("b 644");
});

test("a Dockerfile from outside the context travels under a name of its own", async () => {
  write("outer.Dockerfile", "FROM x");
  write("inner/a");
  const outer = folder;
  folder = join(outer, "inner");
  const { dockerfile, contents } = await entries(join(outer, "outer.Dockerfile"));
  folder = outer;
  expect(dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{16}$/);
  expect(contents.get(dockerfile)).toBe("FROM x");
});

test("a missing folder or Dockerfile is said with its path", async () => {
  await expect(buildContext(join(folder, "nope"), "Dockerfile")).rejects.toThrow(
    `build.context: there is no folder ${folder}/nope`,
  );
  await expect(buildContext(folder, "Dockerfile")).rejects.toThrow(
    `build.dockerfile: there is no file ${folder}/Dockerfile`,
  );
});

test("labels come from both of the SDK's spellings, and empty options are not sent", () => {
  expect(
    buildOptions("n:1", { label: { a: "1" }, labels: { b: "2" }, tags: ["n:2"], buildArgs: {}, target: "" }),
  ).toEqual({
    t: ["n:1", "n:2"],
    rm: true,
    labels: { a: "1", b: "2" },
  });
});

/** A length-delimited protobuf field. */
const nested = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
const started = nested(5, Buffer.alloc(0));
const trace = (...messages: Buffer[]): object => ({
  id: "moby.buildkit.trace",
  aux: Buffer.concat(messages).toString("base64"),
});
const step = (texts: Record<number, string>, ...more: Buffer[]): Buffer =>
  nested(1, Buffer.concat([encodeTexts(texts), ...more]));
const log = (digest: string, text: string): Buffer => nested(3, encodeTexts({ 1: digest, 4: text }));

test("BuildKit: each step is shown once, and a failure has the failing step's last lines", () => {
  const shown: string[] = [];
  const progress = new BuildProgress((line) => shown.push(line));
  progress.take(trace(step({ 1: "d0", 3: "[internal] load build definition" }, started)));
  progress.take(trace(step({ 1: "d1", 3: "[1/3] FROM x" }, started, Buffer.from([4 * 8, 1]))));
  progress.take(trace(step({ 1: "d2", 3: "[2/3] RUN ok" }, started), log("d2", "fine\n")));
  progress.take(trace(step({ 1: "d2", 3: "[2/3] RUN ok" }, started)));
  progress.take(
    trace(
      step({ 1: "d3", 3: "[3/3] RUN make" }, started),
      log("d3", "10%\r50%\r100%\ncompiling\n"),
      log("d3", "boom\n"),
    ),
  );
  progress.take(trace(step({ 1: "d3", 3: "[3/3] RUN make", 7: "exit code: 2" })));
  expect(progress.problem()).toBeUndefined();
  progress.take({ error: "executor failed running [make]: exit code: 2" });
  expect(shown).toEqual(["[1/3] FROM x (cached)", "[2/3] RUN ok", "[3/3] RUN make"]);
  expect(progress.problem()).toBe(
    "executor failed running [make]: exit code: 2\nstep: [3/3] RUN make\nits last lines:\n  100%\n  compiling\n  boom",
  );
});

test("the classic builder: the same from its plain stream", () => {
  const progress = new BuildProgress(() => undefined);
  for (const stream of ["Step 1/2 : FROM x\n", " ---> abc\n", "Step 2/2 : RUN make\n", "\u001b[91mboom\u001b[0m\n"])
    progress.take({ stream });
  progress.take({ error: "The command returned a non-zero code: 2", errorDetail: { code: 2 } });
  expect(progress.problem()).toBe(
    "The command returned a non-zero code: 2\nstep: Step 2/2 : RUN make\nits last lines:\n  boom",
  );
});

test("what cannot be decoded is passed over", () => {
  const progress = new BuildProgress(() => undefined);
  for (const event of [
    null,
    3,
    {},
    { aux: 5 },
    { id: "moby.buildkit.trace", aux: "////" },
    { id: "moby.image.id", aux: { ID: "x" } },
  ])
    progress.take(event);
  expect(progress.problem()).toBeUndefined();
});
