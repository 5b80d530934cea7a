import { PlainDisplay } from "../../../src/display/plain-display";
import type { DisplayOptions } from "../../../src/display/display";
import type { EngineEvent } from "../../../src/model";
import { done, options, paper, secret, stackStep, STACK, started, step, urn } from "./events";

function shown(events: EngineEvent[], over: Partial<DisplayOptions> = {}): string {
  const screen = paper();
  const display = new PlainDisplay(screen, options(over));
  events.forEach((event) => display.onEvent(event));
  display.finish();
  return screen.text();
}

test("an update as a log: begin and end of each resource, diagnostics, outputs, counts", () => {
  const text = shown([
    started(stackStep("create")),
    { type: "program-output", stream: "stdout", line: "hello" },
    started(step("create", "consul")),
    { type: "diagnostic", severity: "info", urn: urn("consul"), message: "pulling 20%", ephemeral: true },
    done(step("create", "consul"), 3.44),
    done(step("same", "mysql"), 0),
    { type: "outputs", urn: STACK, outputs: { url: "http://x", adminPassword: secret("swordfish") } },
    {
      type: "summary",
      summary: { kind: "update", counts: { create: 2, same: 1 }, seconds: 14.7, failed: false, interrupted: false },
    },
  ]);
  expect(text).toBe(` +  pulumi:pulumi:Stack shop-dev creating (0s)
 +  pulumi:pulumi:Stack shop-dev creating (0s) hello
 +  docker:index:Container consul creating (0s)
 +  docker:index:Container consul created (3.4s)
 +  pulumi:pulumi:Stack shop-dev created 1 message

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    hello

Outputs:
  + adminPassword: [secret]
  + url          : "http://x"

Resources:
    + 2 created
    1 unchanged

Duration: 14s
`);
});

test("a preview tells the changes of a replacement in whichever order its steps come", () => {
  const changes = [{ path: "image", kind: "update-replace" as const, before: "a", after: "b" }];
  const gone = step("delete-replaced", "leftover");
  const text = shown(
    [
      done(stackStep("same"), 0),
      done(step("create-replacement", "first", changes), 0),
      done(step("replace", "first", changes), 0),
      done(step("delete-replaced", "first"), 0),
      done(step("delete-replaced", "last"), 0),
      done(step("replace", "last", changes), 0),
      done(step("create-replacement", "last", changes), 0),
      done(gone, 0),
      {
        type: "summary",
        summary: { kind: "preview", counts: { replace: 2 }, seconds: 1, failed: false, interrupted: false },
      },
    ],
    { kind: "preview", diff: true },
  );
  expect(text).toContain(`Changes:
  docker:index:Container (first):
    ~ image: "a" => "b" (requires replacement)
  docker:index:Container (last):
    ~ image: "a" => "b" (requires replacement)
`);
  expect(text).not.toContain("Container (leftover):");
});

test("a change that the program hides is told without its values", () => {
  const text = shown(
    [
      done(stackStep("same"), 0),
      done(
        step("update", "web", [
          { path: "envs", kind: "update" },
          { path: "ip", kind: "add" },
        ]),
        0,
      ),
      {
        type: "summary",
        summary: { kind: "preview", counts: { update: 1 }, seconds: 1, failed: false, interrupted: false },
      },
    ],
    { kind: "preview", diff: true },
  );
  expect(text).toContain("    ~ envs: [diff hidden]\n    + ip: [diff hidden]\n");
});

test("a preview tells each changed property, what replaces, and what output would change", () => {
  const text = shown(
    [
      done(stackStep("same", { replicas: 2, url: "http://x" }), 0),
      done(
        step("update", "web", [
          { path: "wordpressReplicas", kind: "update", before: 2, after: 5 },
          { path: "envs[1]", kind: "add", after: "A=b" },
          { path: "labels.old", kind: "delete", before: "x" },
          { path: "password", kind: "update", before: secret("swordfish"), after: secret("other") },
          { path: "ip", kind: "update", before: "1.2.3.4", after: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
        ]),
        0,
      ),
      started(step("replace", "db", [{ path: "image", kind: "update-replace", before: "a", after: "b" }])),
      done(step("create", "new", [{ path: "image", kind: "add", after: "a" }]), 0),
      { type: "outputs", urn: STACK, outputs: { replicas: 5, url: "http://x" } },
      {
        type: "summary",
        summary: {
          kind: "preview",
          counts: { update: 1, replace: 1, create: 1, same: 1 },
          seconds: 2,
          failed: false,
          interrupted: false,
        },
      },
    ],
    { kind: "preview", diff: true },
  );
  expect(text).toContain(` ~  docker:index:Container web update [diff: +envs-labels~ip,password,wordpressReplicas]
 +- docker:index:Container db replace [diff: ~image]
 +  docker:index:Container new create
`);
  expect(text).toContain(`Changes:
  docker:index:Container (web):
    ~ wordpressReplicas: 2 => 5
    + envs[1]: "A=b"
    - labels.old: "x"
    ~ password: [secret] => [secret]
    ~ ip: "1.2.3.4" => [unknown]
  docker:index:Container (db):
    ~ image: "a" => "b" (requires replacement)
`);
  expect(text).toContain(`Outputs:
  ~ replicas: 2 => 5

Resources:
    + 1 to create
    ~ 1 to update
    +- 1 to replace
    3 changes. 1 unchanged
`);
  expect(text).not.toContain("swordfish");
});

test("what failed is marked, told once, and counted", () => {
  const text = shown([
    started(stackStep("same")),
    started(step("create", "nginx")),
    { type: "diagnostic", severity: "error", urn: urn("nginx"), message: "port 8080 is taken" },
    { type: "step-failed", step: step("create", "nginx"), seconds: 0.5, message: "port 8080 is taken" },
    { type: "diagnostic", severity: "error", urn: urn("nginx"), message: "port 8080 is taken" },
    started(step("create", "late")),
    { type: "summary", summary: { kind: "update", counts: {}, seconds: 1, failed: true, interrupted: true } },
  ]);
  expect(text).toContain(" +  docker:index:Container nginx **creating failed (0.50s)** error: port 8080 is taken\n");
  expect(text).toContain("  docker:index:Container (nginx):\n    error: port 8080 is taken\n\n");
  expect(text.match(/ {4}error: port/g)).toHaveLength(1);
  expect(text).toContain(" +  docker:index:Container late creating (interrupted)\n");
  expect(text).toContain("    interrupted\n");
});

test("a provider is shown only when it has something to say", () => {
  const provider = {
    urn: urn("default", "pulumi:providers:docker"),
    resourceType: "pulumi:providers:docker",
    internal: true,
  };
  expect(shown([done(step("create", "x", [], provider))])).not.toContain("providers");
  const failed: EngineEvent = {
    type: "step-failed",
    step: step("create", "x", [], provider),
    seconds: 0,
    message: "no docker",
  };
  expect(shown([failed])).toContain("pulumi:providers:docker (default):\n    error: no docker");
});

test("debug messages are for --debug", () => {
  const event: EngineEvent = { type: "diagnostic", severity: "debug", urn: urn("x"), message: "chatter" };
  expect(shown([event])).not.toContain("chatter");
  expect(shown([event], { debug: true })).toContain("debug: chatter");
});

test("an error before the stack registered is told all the same", () => {
  const text = shown([{ type: "diagnostic", severity: "error", urn: "", message: "no program" }]);
  expect(text).toContain("Diagnostics:\n  pulumi:pulumi:Stack (shop-dev):\n    error: no program\n");
});

test("of a stack trace only the user's frames stay, with short paths", () => {
  const message = `Error: bad
    at Object.<anonymous> (/srv/shop/config.ts:3:9)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)
\u001b[90m    at require (node:internal/modules/helpers:182:18)\u001b[39m
    at Module.m._compile (/srv/shop/node_modules/ts-node/src/index.ts:439:23)
    at run (/srv/shop/components/web.ts:7:1)
    at <anonymous>`;
  const text = shown([{ type: "diagnostic", severity: "error", urn: "", message }]);
  expect(text).toContain(`    error: Error: bad
        at Object.<anonymous> (config.ts:3:9)
        at run (components/web.ts:7:1)

`);
});

test("a destroy tells the outputs that go", () => {
  const text = shown(
    [{ type: "step-done", step: { ...stackStep("delete", { url: "x" }), op: "delete" }, seconds: 0 }],
    { kind: "destroy" },
  );
  expect(text).toContain('Outputs:\n  - url: "x"\n');
});

test("a refresh tells what is gone and what was changed, and says nothing of the rest", () => {
  const { new: _, ...gone } = step("refresh", "box");
  const moved = step("refresh", "web", [{ path: "mustRun", kind: "update", before: true, after: false }]);
  const events = [done(gone, 0.2), done(moved, 0.3), done(step("refresh", "consul"), 0.1)];
  expect(shown(events, { kind: "refresh" })).toBe(` -  docker:index:Container box gone (0.20s)
 ~  docker:index:Container web changed (0.30s) [diff: ~mustRun]

`);
});
