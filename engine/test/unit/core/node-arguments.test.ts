import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { programArguments } from "../../../src/core/node-arguments";

const run = (code: string, debug = false) =>
  spawnSync(process.execPath, [...programArguments(debug), "-e", code], { encoding: "utf8", timeout: 300_000 });

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

test("the SDK's promises have no stack, and all else has", () => {
  const { stdout } = run(`
    require("@pulumi/pulumi");
    const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
    const promise = Promise.resolve();
    debuggablePromise(promise, "mine");
    console.log(JSON.stringify([promise._debugCtx, promise._debugStackTrace, new Error("x").stack.split("\\n").length > 2]));`);
  expect(JSON.parse(stdout)).toEqual(["mine", "Error", true]);
});

describe("what is changed in the SDK shows in nothing but time", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "program-process-"));
    const sdk = dirname(createRequire(__filename).resolve("@pulumi/pulumi/package.json"));
    symlinkSync(dirname(dirname(sdk)), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "name": "shop", "dependencies": { "semver": "*" } }');
    writeFileSync(
      join(folder, "shop.js"),
      `const tax = 3;
       const native = new Intl.Collator().compare;
       exports.price = (net) => net * tax;
       exports.compare = function compare(a, b) { return native(a, b); };`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a script says with the SDK as it is, and with what this engine does to it. */
  const both = (code: string): unknown[] => {
    const file = join(folder, "script.js");
    writeFileSync(file, `(async () => { ${code} })().then((said) => console.log(JSON.stringify(said)));`);
    return [[], programArguments(false)].map((args) => {
      const options = { cwd: folder, encoding: "utf8", timeout: 300_000 } as const;
      const { stdout, stderr } = spawnSync(process.execPath, [...args, file], options);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as unknown;
    });
  };
  const loaded = `const loaded = (part) => Object.keys(require.cache).some((path) => path.includes("node_modules/" + part));`;

  test("the folders of a function's packages, for which npm's resolver is loaded then", () => {
    const [real, ours] = both(`${loaded}
      const { runtime } = require("@pulumi/pulumi");
      const parts = ["@npmcli/arborist/", "normalize-package-data/"];
      const before = parts.map(loaded);
      const folders = [...(await runtime.computeCodePaths()).keys()];
      return { before, folders, after: parts.map(loaded) };`) as { before: boolean[]; folders: string[] }[];
    expect(real?.folders).toContain("node_modules/semver");
    expect(real?.before).toEqual([true, true]);
    expect(ours).toEqual({ ...real, before: [false, false] });
  });

  test("a program that is one of several packages, or is described in YAML", () => {
    const member = join(folder, "packages", "member");
    mkdirSync(member, { recursive: true });
    writeFileSync(join(folder, "packages", "package.json"), '{ "workspaces": ["*"] }');
    writeFileSync(join(member, "package.json"), "{}");
    writeFileSync(join(folder, "package.yaml"), "name: [shop, of mine]");
    const [real, ours] = both(`${loaded}
      const { findWorkspaceRoot } = require("@pulumi/pulumi/runtime/closure/codePaths");
      const { readPackageManifest } = require("@pulumi/pulumi/runtime/manifest");
      const parts = ["fdir/", "js-yaml/"];
      const before = parts.map(loaded);
      const root = await findWorkspaceRoot(${JSON.stringify(member)});
      require("fs").renameSync("package.json", "away.json");
      const { data } = readPackageManifest(".");
      require("fs").renameSync("away.json", "package.json");
      return { before, root, data, after: parts.map(loaded) };`);
    const expected = { root: join(folder, "packages"), data: { name: ["shop", "of mine"] }, after: [true, true] };
    expect(real).toEqual({ ...expected, before: [true, true] });
    expect(ours).toEqual({ ...expected, before: [false, false] });
  });

  test("the automation API", () => {
    const [real, ours] = both(`${loaded}
      const pulumi = require("@pulumi/pulumi");
      const before = loaded("@pulumi/pulumi/automation/index.js");
      const { automation } = pulumi;
      return { before, names: Object.keys(automation), kind: typeof automation.LocalWorkspace.create, has: "Stack" in automation };`) as {
      names: string[];
    }[];
    expect(real?.names).toContain("LocalWorkspace");
    expect(ours).toEqual({ ...real, before: false });
  });

  test("traces", () => {
    const [real, ours] = both(`${loaded}
      const tracing = require("@pulumi/pulumi/cmd/run/tracing");
      const parts = ["@opentelemetry/sdk-trace-node/", "@opentelemetry/exporter-zipkin/"];
      const before = parts.map(loaded);
      const unrecorded = tracing.newSpan("early").isRecording();
      tracing.start("http://127.0.0.1:9/api");
      return { before, unrecorded, recorded: tracing.newSpan("late").isRecording(), after: parts.map(loaded) };`);
    expect(real).toEqual({ before: [true, true], unrecorded: false, recorded: true, after: [true, true] });
    expect(ours).toEqual({ before: [false, false], unrecorded: false, recorded: true, after: [true, true] });
  });

  test("a Docker host behind ssh", () => {
    const [real, ours] = both(`${loaded}
      const Docker = require("dockerode");
      const before = ["ssh2/", "@grpc/proto-loader/"].map(loaded);
      const nobody = new Docker({ protocol: "ssh", host: "127.0.0.1", port: 9, username: "nobody" });
      const error = await nobody.ping().catch(({ code }) => code);
      return { before, error, after: loaded("ssh2/") };`);
    expect(real).toEqual({ before: [true, true], error: "ECONNREFUSED", after: true });
    expect(ours).toEqual({ before: [false, false], error: "ECONNREFUSED", after: true });
  });

  test("the text of a function, and the error of one that has none, with its file", () => {
    const [real, ours] = both(`
      await require("@pulumi/pulumi/runtime/closure/v8Hooks").isInitializedAsync();
      const { runtime } = require("@pulumi/pulumi");
      const shop = require("./shop.js");
      const text = (await runtime.serializeFunction(shop.price)).text;
      const error = await runtime.serializeFunction(shop.compare).catch(({ message }) => message);
      return { text, error };`) as { text: string; error: string }[];
    expect(real?.text).toContain("net * tax");
    expect(real?.error).toContain("shop.js(4,");
    expect(ours).toEqual(real);
  });

  test("where a resource comes from", () => {
    const [real, ours] = both(`
      const { Resource } = require("@pulumi/pulumi");
      class Made { constructor() { this.stack = Resource.stackTrace(1); } }
      function shop() { return new Made().stack; }
      const first = shop()[0];
      const [, line] = Error("whole again").stack.split("\\n");
      return { first, outside: Resource.stackTrace(1000), line };`) as { first: { uri: string }; line: string }[];
    expect(real?.first.uri).toContain("script.js");
    expect(real?.line).toContain("script.js");
    expect(ours).toEqual(real);
  });
});

test.each([
  [false, []],
  [true, ["spoken", "thought"]],
])("debug messages are sent only when somebody wants them: %p", (debug, expected) => {
  const { stdout } = run(
    `
    const { log } = require("@pulumi/pulumi");
    const sent = [];
    const settings = require("@pulumi/pulumi/runtime/settings");
    settings.getEngine = () => ({ log: (request, done) => { sent.push(request.getMessage()); done(); } });
    settings.rpcKeepAlive = () => () => undefined;
    log.debug("spoken");
    require("@pulumi/pulumi/log").debug("thought").then(() => console.log(JSON.stringify(sent)));`,
    debug,
  );
  expect(JSON.parse(stdout)).toEqual(expected);
});

describe("the compiler", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lazy-typescript-"));
    // a compiler of its own, so that what is remembered of it begins with nothing
    mkdirSync(join(folder, "node_modules", "@pulumi", "pulumi"), { recursive: true });
    const real = dirname(createRequire(__filename).resolve("typescript/package.json"));
    mkdirSync(join(folder, "node_modules", "typescript"));
    for (const name of ["package.json", "lib"])
      symlinkSync(join(real, name), join(folder, "node_modules", "typescript", name));
    writeFileSync(join(folder, "tsconfig.json"), '{ "compilerOptions": { "target": "es2021" } } // a comment');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What a module in such a place sees, asking as ts-node does: what it got, and whether that took the compiler. */
  const ask = (expression: string, asker = "node_modules/@pulumi/pulumi/ask.js"): { got: unknown; loaded: boolean } => {
    const file = join(folder, asker);
    writeFileSync(
      file,
      `const ts = require("typescript"); const fs = require("fs");
       const read = () => ts.readConfigFile(${JSON.stringify(join(folder, "tsconfig.json"))}, ts.sys.readFile);
       const parse = () => ts.parseJsonConfigFileContent(read().config, ts.sys, ${JSON.stringify(folder)});
       const got = ${expression};
       console.log(JSON.stringify({ got, loaded: Object.keys(require.cache).some((path) => path.endsWith("lib/typescript.js")) }));`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, ["--preserve-symlinks", ...programArguments(false), file], {
      encoding: "utf8",
      timeout: 300_000,
    });
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout) as { got: unknown; loaded: boolean };
  };

  test("is loaded once to read the settings, and again when they change", () => {
    const es2021 = 8;
    const settings = "[parse().options.target, parse().errors, ts.JsxEmit.Preserve]";
    expect(ask(settings)).toEqual({ got: [es2021, [], 1], loaded: true });
    expect(ask(settings)).toEqual({ got: [es2021, [], 1], loaded: false });
    writeFileSync(join(folder, "tsconfig.json"), '{ "compilerOptions": { "target": "es2022" } }');
    expect(ask(settings)).toEqual({ got: [es2021 + 1, [], 1], loaded: true });
    expect(existsSync(join(folder, "node_modules", ".cache"))).toBe(true);
  });

  test("is loaded to compile", () => {
    ask("parse().options");
    expect(ask("ts.transpileModule('let a: number = 1', { compilerOptions: parse().options }).outputText")).toEqual({
      got: "let a = 1;\n",
      loaded: true,
    });
  });

  test("reads anew what another file has a say in, and what is wrong", () => {
    writeFileSync(join(folder, "base.json"), '{ "compilerOptions": { "target": "es2021" } }');
    writeFileSync(join(folder, "tsconfig.json"), '{ "extends": "./base.json" }');
    ask("parse().options.target");
    writeFileSync(join(folder, "base.json"), '{ "compilerOptions": { "target": "es2022" } }');
    expect(ask("parse().options.target")).toEqual({ got: 9, loaded: true });
    writeFileSync(join(folder, "tsconfig.json"), '{ "compilerOptions": { "target": "es1" } }');
    for (let turn = 0; turn < 2; turn++) {
      expect(ask("parse().errors.map(({ code }) => code)")).toEqual({ got: [6046, 18003], loaded: true });
    }
  });

  test("is all there for everybody else", () => {
    ask("parse().options");
    expect(ask("[parse().errors.map(({ code }) => code), Object.keys(ts).length > 1000]", "mine.js")).toEqual({
      got: [[18003], true],
      loaded: true,
    });
  });
});
