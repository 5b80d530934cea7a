import { readFileSync } from "node:fs";
import { join } from "node:path";

import { build, type BuildOptions } from "esbuild";
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

  const reason = (installed?: unknown): Promise<unknown> => {
    if (installed !== undefined)
      sandbox.write("node_modules/.package-lock.json", JSON.stringify({ packages: installed }));
    return call("packages.mjs", "installReason", sandbox.folder);
  };

  it("is not needed when what is installed is what the lock file says, other platforms' packages aside", async () => {
    sandbox.write("node_modules/a/package.json", "{}");
    expect(await reason({ "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } })).toBeUndefined();
  });

  it("is needed when nothing, something else, or not everything is installed", async () => {
    expect(await reason()).toBe("not installed yet");
    expect(await reason({ "node_modules/a": { version: "0.9.0", integrity: "sha512-b" } })).toBe(
      "a is another version",
    );
    expect(await reason({})).toBe("a is missing");
  });
});

test("an old Node is named with what is needed", async () => {
  expect(await call("packages.mjs", "checkNode", "18.19.0")).toEqual({
    error: expect.stringContaining("Node 20 or newer is needed, and this is 18.19.0") as unknown,
  });
});

test("a suite that does not even start is counted as a failure", async () => {
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
  expect(await call("jest-summary.mjs", "summarize", report)).toEqual({
    passed: 3,
    failed: 2,
    words: "3 passed, 2 failed, 2 not run",
  });
});

test.each(["consul", "consul-template"])(
  "the stand-in of %s is compiled from the version that its tag names",
  async (name) => {
    const tags = ((await call("images.mjs", "outsideImages")) as string[]).join("\n");
    const version = new RegExp(`^hashicorp/${name}:(.*)$`, "m").exec(tags)?.[1];
    const goMod = readFileSync(join(root, "scripts", "stand-ins", name, "go.mod"), "utf8");
    expect(goMod).toMatch(new RegExp(`^tool github.com/hashicorp/${name}$`, "m"));
    expect(goMod).toContain(`\tgithub.com/hashicorp/${name} v${String(version)} `);
  },
);

test("what goes into images is built to the same bytes wherever the checkout lies", async () => {
  const bundles = (await call("bundles.mjs", "presentBundles")) as BuildOptions[];
  const ofImages = bundles.filter(({ outfile = "" }) => outfile.includes("/images/"));
  expect(ofImages).toHaveLength(2);
  for (const options of ofImages) {
    const { outputFiles } = await build({ ...options, write: false });
    // one file each: no source map, whose paths would be this machine's
    expect(outputFiles.map((file) => file.path)).toEqual([expect.stringMatching(/\.js$/)]);
    expect(outputFiles[0]?.text).not.toContain(root);
  }
});

test("a command is stopped when it says nothing for too long, however long it takes in all", async () => {
  const talking = "let n = 0; setInterval(() => { console.log(n); if (++n === 20) process.exit(); }, 300)";
  const options = { quietMs: 2_000 };
  expect(await call("run.mjs", "run", process.execPath, ["-e", talking], { quietMs: 5_000 })).toMatchObject({
    code: 0,
    timedOut: false,
  });
  expect(await call("run.mjs", "run", process.execPath, ["-e", "setInterval(() => 0, 1000)"], options)).toMatchObject({
    timedOut: true,
    signal: "SIGTERM",
  });
});
