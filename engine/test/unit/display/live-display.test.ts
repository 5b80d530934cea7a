import { LiveDisplay } from "../../../src/display/live-display";
import { clamp, strip } from "../../../src/display/colour";
import { done, options, paper, stackStep, started, step, urn } from "./events";

/** What a terminal shows after these writes: understands only what the display uses. */
function screenAfter(text: string): string[] {
  const lines: string[] = [];
  let row = 0;
  // eslint-disable-next-line no-control-regex
  for (const part of text.split(/(\u001b\[\d*[AKJ]|\u001b\[\?25[lh]|\n)/)) {
    const up = /\[(\d+)A/.exec(part);
    if (up !== null) row -= Number(up[1]);
    else if (part.endsWith("[2K")) lines[row] = "";
    else if (part.endsWith("[0J")) lines.length = Math.min(lines.length, row);
    else if (part === "\n") lines[row++] ??= "";
    else if (part !== "" && !part.startsWith("\u001b")) lines[row] = (lines[row] ?? "") + part;
  }
  return lines;
}

test("the tree is drawn over itself, with elapsed seconds, and once more at the end", () => {
  let now = 0;
  const screen = paper({ columns: 100, rows: 30 });
  const display = new LiveDisplay(screen, options({ clock: () => now }));
  display.onEvent(started(stackStep("same")));
  display.onEvent(started(step("create", "consul")));
  display.onEvent(started(step("update", "web", [{ path: "image", kind: "update", before: "a", after: "b" }])));
  display.draw(false);
  now = 3500;
  display.onEvent(done(step("create", "consul"), 2.25));
  display.onEvent({
    type: "diagnostic",
    severity: "info",
    urn: urn("web"),
    message: "waiting for health",
    ephemeral: true,
  });
  display.draw(false);
  expect(screenAfter(screen.text())).toEqual([
    "     Type                       Name      Status          Info",
    "     pulumi:pulumi:Stack        shop-dev  running",
    " +   ├─ docker:index:Container  consul    created (2.3s)",
    " ~   └─ docker:index:Container  web       updating (3s)   [diff: ~image]; waiting for health",
    "",
    " 1 done, 2 running, 3s",
  ]);
  display.onEvent(done(step("update", "web"), 4));
  display.finish();
  expect(screenAfter(screen.text())).toEqual([
    "     Type                       Name      Status          Info",
    "     pulumi:pulumi:Stack        shop-dev",
    " +   ├─ docker:index:Container  consul    created (2.3s)",
    " ~   └─ docker:index:Container  web       updated (4.0s)  [diff: ~image]",
    "",
  ]);
});

test("children stand under their parents, and a child of what is not shown under the stack", () => {
  const screen = paper({ columns: 100, rows: 30 });
  const display = new LiveDisplay(screen, options());
  const component = urn("networks", "shop:index:Networks");
  const child = step("create", "backend");
  if (child.new !== undefined) child.new.parent = component;
  const orphan = step("create", "orphan");
  if (orphan.new !== undefined) orphan.new.parent = urn("hidden", "shop:index:Hidden");
  display.onEvent(done(stackStep("create")));
  display.onEvent(done(step("create", "networks", [], { urn: component, resourceType: "shop:index:Networks" })));
  display.onEvent(done(orphan));
  display.onEvent(done(child));
  display.finish();
  expect(screenAfter(screen.text()).map((line) => line.slice(5, 40).trimEnd())).toEqual([
    "Type                          Name",
    "pulumi:pulumi:Stack           shop-",
    "├─ shop:index:Networks        netwo",
    "│  └─ docker:index:Container  backe",
    "└─ docker:index:Container     orpha",
    "",
  ]);
});

test("an unchanged component is shown when something under it changes", () => {
  const screen = paper({ columns: 100, rows: 30 });
  const display = new LiveDisplay(screen, options());
  const component = urn("networks", "shop:index:Networks");
  const child = step("create", "backend");
  if (child.new !== undefined) child.new.parent = component;
  display.onEvent(done(stackStep("same")));
  display.onEvent(done(step("same", "networks", [], { urn: component, resourceType: "shop:index:Networks" })));
  display.onEvent(done(step("same", "quiet")));
  display.onEvent(done(child));
  display.finish();
  const text = screenAfter(screen.text()).join("\n");
  expect(text).toMatch(/└─ shop:index:Networks .*\n.*└─ docker:index:Container +backend/);
  expect(text).not.toContain("quiet");
});

test("a tree higher than the screen shows its end while it runs, and all of it when done", () => {
  const screen = paper({ columns: 100, rows: 8 });
  const display = new LiveDisplay(screen, options());
  display.onEvent(started(stackStep("create")));
  for (let index = 0; index < 10; index++) display.onEvent(started(step("create", `c${index}`)));
  display.draw(false);
  const lines = screenAfter(screen.text());
  expect(lines).toHaveLength(7);
  expect(lines[1]).toBe(" … 8 more above");
  expect(lines[4]).toContain("c9");
  display.finish();
  expect(screenAfter(screen.text()).filter((line) => line.includes("Container"))).toHaveLength(10);
});

test("the three steps of a replacement are one line that says replace", () => {
  const screen = paper({ columns: 120, rows: 30 });
  const display = new LiveDisplay(screen, options());
  const change = { path: "image", kind: "update-replace" as const, before: "a", after: "b" };
  display.onEvent(done(stackStep("same")));
  display.onEvent(done(step("create-replacement", "web", [change])));
  display.onEvent(done(step("replace", "web", [change])));
  display.onEvent(done(step("delete-replaced", "web")));
  display.finish();
  expect(screenAfter(screen.text())[2]).toBe(
    " +-  └─ docker:index:Container  web       replaced (1.2s)  [diff: ~image]",
  );
});

test("a line is never wider than the terminal", () => {
  const line = "\u001b[32mcreated\u001b[0m and much more";
  expect(strip(clamp(line, 10))).toBe("created a…");
  expect(clamp("short", 10)).toBe("short");
});

test("the cursor comes back", () => {
  const screen = paper({ columns: 100, rows: 30 });
  const display = new LiveDisplay(screen, options()).start();
  display.finish();
  expect(screen.text()).toMatch(/^\u001b\[\?25l/); // eslint-disable-line no-control-regex
  expect(screen.text()).toContain("\u001b[?25h");
});
