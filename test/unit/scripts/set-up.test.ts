import { call, Sandbox } from "./script";

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
