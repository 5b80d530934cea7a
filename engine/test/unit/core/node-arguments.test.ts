import { spawnSync } from "node:child_process";
import { programArguments } from "../../../src/core/node-arguments";

const run = (code: string) =>
  spawnSync(process.execPath, [...programArguments, "-e", code], { encoding: "utf8", timeout: 10_000 });

test("an error whose stack has a frame in a scope's own file is formatted at once", () => {
  const { stdout, signal } = run(`
    const error = new Error("refused");
    error.stack = "Error: refused\\n    at Stack.run (/app/node_modules/@pulumi/resource.ts:1598:22)";
    console.log(require("util").inspect(error, { colors: true }));`);
  expect({ signal, stdout }).toEqual({
    signal: null,
    stdout: "Error: refused\n    at Stack.run (/app/node_modules/@pulumi/resource.ts:1598:22)\n",
  });
});

test("what is no error keeps its colour, and inspect its own properties", () => {
  const { stdout } = run(`
    const { inspect } = require("util");
    console.log(JSON.stringify([inspect(1, { colors: true }), inspect.custom === Symbol.for("nodejs.util.inspect.custom")]));`);
  expect(JSON.parse(stdout)).toEqual(["\u001b[33m1\u001b[39m", true]);
});

test("stacks are mapped to their sources, but for those that the SDK keeps of promises", () => {
  const { stdout } = run(`
    Error.prepareStackTrace = (error, frames) => "mapped " + frames[0].getFunctionName();
    function debuggablePromise() { return new Error("kept").stack; }
    function mine() { return new Error("shown").stack; }
    console.log(JSON.stringify([mine(), debuggablePromise()]));`);
  expect(JSON.parse(stdout)).toEqual(["mapped mine", "Error: kept"]);
});

test("the SDK's closures load without npm's resolver, and find it when they need it", () => {
  const { stdout } = run(`
    require("@pulumi/pulumi");
    const loaded = () => Object.keys(require.cache).some((path) => path.includes("@npmcli/arborist"));
    const before = loaded();
    const resolver = typeof require("@npmcli/arborist").Arborist;
    console.log(JSON.stringify([before, resolver, loaded()]));`);
  expect(JSON.parse(stdout)).toEqual([false, "function", true]);
});
