import { parseCheckpoint, parseExport, saltOf } from "../../../src/state/checkpoint";

const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
const checkpoint = (latest: object, version = 3): string =>
  JSON.stringify({ version, checkpoint: { stack: "s", latest } });

describe("a state file that cannot be used is refused with its name and the place", () => {
  test.each([
    ["cut off", '{"version":3,"checkpoint":{', /^state\.json:1:28 is not valid JSON/],
    ["not JSON", '{\n  "version": oops\n}', /^state\.json:2:14 is not valid JSON/],
    ["empty", "", /^state\.json:1:1 is not valid JSON/],
    [
      "no resource's type",
      checkpoint({ manifest, resources: [{ urn: "u", custom: true }] }),
      /resources\.0\.type: Required/,
    ],
    ["resources not a list", checkpoint({ manifest, resources: {} }), /checkpoint\.latest\.resources: Expected array/],
    ["another format", checkpoint({ manifest }, 2), /state\.json has version 2; this engine reads 3 and 4/],
  ])("%s", (_what, content, message) => {
    expect(() => parseCheckpoint(content, "state.json")).toThrow(message);
  });

  test("a feature that this engine does not know", () => {
    const content = JSON.stringify({ version: 4, features: ["hooks"], checkpoint: { stack: "s" } });
    expect(() => parseCheckpoint(content, "state.json")).toThrow(
      "uses hooks, which this engine does not know. Use the Pulumi CLI",
    );
  });

  test("secrets of another provider", () => {
    const content = checkpoint({ manifest, secrets_providers: { type: "cloud", state: {} } });
    expect(() => saltOf(parseCheckpoint(content, "state.json"), "state.json")).toThrow("secrets provider 'cloud'");
  });
});

test("a stack that was never updated has no deployment", () => {
  expect(parseCheckpoint('{"version":3,"checkpoint":{"stack":"s"}}', "f")).toBeUndefined();
});

test("Go's nulls are empty", () => {
  const parsed = parseCheckpoint(checkpoint({ manifest, resources: null, pending_operations: null }), "f");
  expect(parsed?.resources ?? []).toEqual([]);
});

test("an export has a deployment instead of a checkpoint", () => {
  expect(parseExport(JSON.stringify({ version: 3, deployment: { manifest } }), "f").manifest).toEqual(manifest);
});
