import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { until } from "../../../lab/driver/until";
import { root, Sandbox } from "./script";

jest.setTimeout(300_000);

const CTRL_C = "\x03";
/** Of people: longer than any repetition of one Ctrl-C by npm. */
const AGAIN_MS = 700;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A stand-in of Pulumi's CLI. Its `up` counts the interrupts that reach it, and ends some time after the one that is to end it, so that
 * a repetition is counted, too.
 */
const engine = (folder: string, last: number) => `
const fs = require("node:fs");
const args = process.argv.slice(2).join(" ");
if (args === "version") { console.log("v3.999.0"); process.exit(0); }
if (args.startsWith("stack output")) {
  console.log(JSON.stringify({ replicas: 1, autoscale: { min: 3, max: 4, targetRequestsPerReplica: 2, periodSeconds: 1 } }));
  process.exit(0);
}
let count = 0;
process.on("SIGINT", () => {
  count += 1;
  fs.writeFileSync(${JSON.stringify(join(folder, "count"))}, String(count));
  if (count === ${last}) setTimeout(() => { fs.writeFileSync(${JSON.stringify(join(folder, "ended"))}, String(count)); process.exit(1); }, 500);
});
fs.writeFileSync(${JSON.stringify(join(folder, "ready"))}, "");
setInterval(() => {}, 1_000);`;

let sandbox: Sandbox;
let terminal: ChildProcess | undefined;
let output = "";
beforeAll(() => spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root }));
beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.write("state/.keep", "");
  output = "";
});
afterEach(() => {
  terminal?.kill("SIGKILL");
  sandbox.remove();
});

/** A command as somebody at a terminal of its own starts it; what is typed there is written to its input. */
function inTerminal(command: string, last: number): (keys: string) => void {
  sandbox.fake("pulumi", engine(sandbox.folder, last));
  const env = sandbox.environment({ PULUMI_ENGINE: "cli", PULUMI_BACKEND_URL: `file://${sandbox.folder}/state` });
  terminal = spawn("script", ["-qefc", command, "/dev/null"], { cwd: root, env, stdio: ["pipe", "pipe", "ignore"] });
  terminal.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  return (keys) => terminal?.stdin?.write(keys);
}

const isThere = (name: string) => until(name, () => Promise.resolve(existsSync(join(sandbox.folder, name))));
const said = (text: string) => until(text, () => Promise.resolve(output.includes(text)));
const counted = (name: string) => Number(readFileSync(join(sandbox.folder, name), "utf8"));

test.each([
  ["", "npm run -s pulumi -- up"],
  [" with its input elsewhere", "npm run -s pulumi -- up </dev/null"],
])("at a terminal%s one Ctrl-C reaches the engine once, and two reach it twice", async (_, command) => {
  const type = inTerminal(command, 2);
  await isThere("ready");
  type(CTRL_C);
  await isThere("count");
  await pause(AGAIN_MS);
  expect(counted("count")).toBe(1);
  type(CTRL_C);
  await isThere("ended");
  expect(counted("ended")).toBe(2);
});

test("the autoscaler's first Ctrl-C lets an `up` finish, and the second reaches the engine once", async () => {
  const type = inTerminal("npm run -s autoscale -- --stack interrupted", 1);
  await isThere("ready");
  type(CTRL_C);
  await said("once more to interrupt it");
  await pause(AGAIN_MS);
  expect(existsSync(join(sandbox.folder, "count"))).toBe(false);
  type(CTRL_C);
  await isThere("ended");
  expect(counted("ended")).toBe(1);
  await said("ended");
});

test("a burst of signals, as a supervisor sends it to a whole group, interrupts the embedded engine once", async () => {
  const bundle = join(sandbox.folder, "interrupt.cjs");
  const entry = join(root, "test/support/interrupted-program.ts");
  await build({ entryPoints: [entry], bundle: true, platform: "node", outfile: bundle, logLevel: "warning" });
  terminal = spawn(process.execPath, [bundle], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => terminal?.once("close", resolve));
  terminal.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  await said("ready");
  terminal.kill("SIGINT");
  terminal.kill("SIGTERM");
  await said("orderly");
  await pause(AGAIN_MS);
  expect(output).toBe("ready\norderly\n");
  terminal.kill("SIGINT");
  await ended;
  expect(output).toBe("ready\norderly\nimmediate\n");
});
