import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { call, root, Sandbox } from "./script";

describe("whether npm ci must run", () => {
  const wanted = {
    packages: {
      "": {},
      engine: { version: "0.1.0" },
      "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
      "node_modules/other-platform": { version: "1.0.0", optional: true },
    },
  };
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.write("package-lock.json", JSON.stringify(wanted));
  });
  afterEach(() => sandbox.remove());

  const reason = (installed?: unknown): unknown => {
    if (installed !== undefined)
      sandbox.write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
    return call("packages.mjs", "installReason", sandbox.folder);
  };

  it("is not needed when what is installed is what the lock file says, other platforms' packages aside", () => {
    sandbox.write("node_modules/a/package.json", "{}");
    expect(reason({ "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } })).toBeUndefined();
  });

  it("is needed when nothing, something else, or not everything is installed", () => {
    expect(reason()).toBe("not installed yet");
    expect(reason({ "node_modules/a": { version: "0.9.0", integrity: "sha512-b" } })).toBe("a is another version");
    expect(reason({})).toBe("a is missing");
  });
});

test("an old Node is named with what is needed", () => {
  expect(call("packages.mjs", "checkNode", "18.19.0")).toEqual({
    error: expect.stringContaining("Node 20 or newer is needed, and this is 18.19.0") as unknown,
  });
});

test("a suite that does not even start is counted as a failure", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [
      { status: "passed", assertionResults: [{ status: "passed" }] },
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "failed", assertionResults: [] },
    ],
  };
  expect(call("jest-summary.mjs", "summarize", report)).toEqual({
    passed: 3,
    failed: 2,
    words: "3 passed, 2 failed, 2 not run",
  });
});

test.each(["consul", "consul-template"])(
  "the stand-in of %s is compiled from the version that its tag names",
  (name) => {
    const code = `import { outsideImages } from "${join(root, "scripts", "lib", "images.mjs")}"; console.log(outsideImages.join("\\n"));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    const version = new RegExp(`^hashicorp/${name}:(.*)$`, "m").exec(stdout)?.[1];
    const goMod = readFileSync(join(root, "scripts", "stand-ins", name, "go.mod"), "utf8");
    expect(goMod).toMatch(new RegExp(`^tool github.com/hashicorp/${name}$`, "m"));
    expect(goMod).toContain(`\tgithub.com/hashicorp/${name} v${String(version)} `);
  },
);

test("what goes into images is built to the same bytes wherever the checkout lies", () => {
  const code = `import { presentBundles } from "${join(root, "scripts", "lib", "bundles.mjs")}"; import { build } from "esbuild";
    for (const options of await presentBundles()) {
      if (!options.outfile.includes("/images/")) continue;
      const { outputFiles } = await build(options);
      console.log(JSON.stringify(outputFiles.map(({ path, text }) => ({ path, clean: !text.includes(${JSON.stringify(root)}) }))));
    }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", cwd: root });
  const bundles = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { path: string; clean: boolean }[]);
  expect(bundles).toHaveLength(2);
  // one file each: no source map, whose paths would be this machine's
  for (const files of bundles)
    expect(files).toEqual([{ path: expect.stringMatching(/\.js$/) as unknown, clean: true }]);
});

test("a command is stopped when it says nothing for too long, however long it takes in all", () => {
  const talking = "let n = 0; setInterval(() => { console.log(n); if (++n === 20) process.exit(); }, 300)";
  const options = { quietMs: 2_000 };
  expect(call("run.mjs", "run", process.execPath, ["-e", talking], { quietMs: 5_000 })).toMatchObject({
    code: 0,
    timedOut: false,
  });
  expect(call("run.mjs", "run", process.execPath, ["-e", "setInterval(() => 0, 1000)"], options)).toMatchObject({
    timedOut: true,
    signal: "SIGTERM",
  });
});
