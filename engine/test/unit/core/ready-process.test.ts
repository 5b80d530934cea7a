import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ReadyProcess } from "../../../src/core/ready-process";
import { until } from "../../../../lab/driver/until";

let folder = "";
let started: ReadyProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ready-process-"));
  const sdk = join(folder, "node_modules", "@pulumi", "pulumi");
  mkdirSync(join(sdk, "cmd", "run"), { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(sdk, "package.json"), '{ "name": "@pulumi/pulumi" }');
  writeFileSync(join(sdk, "index.js"), 'require("fs").writeFileSync("loaded", "");');
  writeFileSync(
    join(sdk, "cmd", "run", "index.js"),
    'require("fs").writeFileSync("begun", "");' +
      "console.log(JSON.stringify({ args: process.argv.slice(2), told: process.env.TOLD, ambient: process.env.AMBIENT }));",
  );
  process.env.AMBIENT = "as ever";
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ closed }) => closed));
  started = [];
  delete process.env.AMBIENT;
  rmSync(folder, { recursive: true });
});

const start = (): ReadyProcess => {
  const ready = ReadyProcess.start({ programFolder: folder, main: "." });
  started.push(ready);
  return ready;
};
const isLoaded = () =>
  until("the SDK is loaded", () => Promise.resolve(readFileSync(join(folder, "loaded"), "utf8") === ""));

test("loads the SDK at once, and runs what it is told to in the environment that it is given besides", async () => {
  const ready = start();
  await isLoaded();
  const said = text(ready.child.stdout);
  ready.run(["--stack", "dev", "."], { TOLD: "a secret" });
  expect(await ready.closed).toEqual([0, null]);
  expect(JSON.parse(await said)).toEqual({ args: ["--stack", "dev", "."], told: "a secret", ambient: "as ever" });
});

test("begins at once, whatever this process does next", async () => {
  const ready = start();
  await isLoaded();
  ready.run([], {});
  const begun = join(folder, "begun");
  const deadline = Date.now() + 300_000;
  // without a turn of the event loop
  while (!existsSync(begun) && Date.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  expect(existsSync(begun)).toBe(true);
  expect(await ready.closed).toEqual([0, null]);
});

test("ends, and runs nothing, when it is not needed", async () => {
  const ready = start();
  const said = text(ready.child.stdout);
  ready.dispose();
  expect(await ready.closed).toEqual([0, null]);
  expect(await said).toBe("");
});

test("one that was ended before it was told is known to have ended", async () => {
  const ready = start();
  ready.child.kill("SIGKILL");
  await ready.closed;
  ready.run(["x".repeat(1_000_000)], {});
  expect(await ready.closed).toEqual([null, "SIGKILL"]);
});

test("a program without the SDK is told what is missing", () => {
  rmSync(join(folder, "node_modules"), { recursive: true });
  expect(start).toThrow(`cannot find @pulumi/pulumi/cmd/run from ${folder}: install the program's dependencies there`);
});
