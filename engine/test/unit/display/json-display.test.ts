import { EventStream, PreviewDigest } from "../../../src/display/json-display";
import { done, options, paper, STACK, started, stackStep, step, urn } from "./events";

const change = { path: "envs[0]", kind: "update-replace" as const, before: "a", after: "b" };

test("a preview is one document in the CLI's form", () => {
  const screen = paper();
  const digest = new PreviewDigest(screen, new Set(["shop:token"]));
  digest.onEvent({ type: "prelude", config: { "shop:replicas": "2", "shop:token": "swordfish" } });
  digest.onEvent(started(stackStep("create")));
  digest.onEvent(started(step("replace", "web", [change])));
  digest.onEvent(done(step("replace", "web", [change])));
  digest.onEvent(done(step("create", "p", [], { internal: true })));
  digest.onEvent(done(step("same", "quiet")));
  digest.onEvent({ type: "diagnostic", severity: "warning", urn: urn("web"), message: "\u001b[33mcareful\u001b[0m" });
  digest.onEvent({ type: "diagnostic", severity: "info", urn: "", message: "passing", ephemeral: true });
  digest.onEvent({ type: "program-output", stream: "stdout", line: "hello" });
  digest.onEvent({ type: "outputs", urn: STACK, outputs: {} });
  digest.onEvent({
    type: "summary",
    summary: { kind: "preview", counts: { create: 1, replace: 1 }, seconds: 1.5, failed: false, interrupted: false },
  });
  digest.finish();
  const document = JSON.parse(screen.text()) as Record<string, never> & { steps: Record<string, unknown>[] };
  expect(document).toMatchObject({
    config: { "shop:replicas": "2", "shop:token": "[secret]" },
    diagnostics: [
      { urn: urn("web"), message: "careful", severity: "warning" },
      { message: "hello", severity: "info" },
    ],
    duration: 1_500_000_000,
    changeSummary: { create: 1, replace: 1 },
  });
  expect(document.steps.map(({ op, urn: about }) => [op, about])).toEqual([
    ["create", STACK],
    ["replace", urn("web")],
  ]);
  expect(document.steps[1]).toMatchObject({
    diffReasons: ["envs"],
    replaceReasons: ["envs"],
    detailedDiff: { "envs[0]": { kind: "update-replace", inputDiff: true } },
    oldState: { inputs: { password: "[secret]" } },
    newState: { inputs: { password: "[secret]", image: "nginx" }, parent: STACK },
  });
  expect(screen.text()).not.toContain("swordfish");
});

test("an update is a stream of the CLI's engine events, one a line", () => {
  const screen = paper();
  const stream = new EventStream(screen, options({ clock: () => 12_345 }), new Set());
  stream.onEvent({ type: "prelude", config: {} });
  stream.onEvent(started(step("update", "web", [change])));
  stream.onEvent(done(step("update", "web", [change])));
  stream.onEvent({ type: "step-failed", step: step("create", "x"), seconds: 1, message: "no" });
  stream.onEvent({ type: "diagnostic", severity: "error", urn: urn("x"), message: "no" });
  stream.onEvent({
    type: "summary",
    summary: { kind: "update", counts: { update: 1 }, seconds: 1.2, failed: true, interrupted: false },
  });
  stream.finish();
  const events = screen
    .text()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ sequence, timestamp }) => [sequence, timestamp])).toEqual(
    [0, 1, 2, 3, 4, 5].map((index) => [index, 12]),
  );
  expect(events.map((event) => Object.keys(event)[2])).toEqual([
    "preludeEvent",
    "resourcePreEvent",
    "resOutputsEvent",
    "resOpFailedEvent",
    "diagnosticEvent",
    "summaryEvent",
  ]);
  expect(events[1]).toMatchObject({
    resourcePreEvent: {
      metadata: { op: "update", urn: urn("web"), detailedDiff: { "envs[0]": { diffKind: "update-replace" } } },
    },
  });
  expect(events[5]).toMatchObject({
    summaryEvent: { durationSeconds: 2, resourceChanges: { update: 1 }, isPreview: false },
  });
  expect(screen.text()).not.toContain("swordfish");
});
