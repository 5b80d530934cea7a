/** Whole commands with a real program, in this process. */
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { Sandbox } from "../unit/commands/sandbox";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.make();
  const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
  symlinkSync(modules, sandbox.path("node_modules"));
  await sandbox.write("package.json", JSON.stringify({ name: "program", main: "index.ts" }));
  await sandbox.write(
    "index.ts",
    `import * as pulumi from "@pulumi/pulumi";
     require("fs").appendFileSync("runs", pulumi.runtime.isDryRun() ? "preview " : "update ");
     void pulumi.log.debug("thought aloud");
     export const size = new pulumi.Config().get("size") ?? "unset";`,
  );
  await sandbox.run("stack init dev");
});
afterEach(() => sandbox.close());

const runs = (): string => (existsSync(sandbox.path("runs")) ? readFileSync(sandbox.path("runs"), "utf8").trim() : "");

test("up --yes runs the program once, and previews nothing", async () => {
  const { code, out } = await sandbox.run("up --yes --config size=3");
  expect(code).toBe(0);
  expect(runs()).toBe("update");
  expect(out).toContain("Updating (dev)");
  expect(out).not.toContain("Previewing");
  expect((await sandbox.run("stack output size")).out).toBe("3\n");
});

test("asked for, there is a preview alone; on a terminal there is one before the question", async () => {
  await sandbox.run("up --yes --preview-only");
  expect(runs()).toBe("preview");
  const { out } = await sandbox.run("up", { answers: ["yes"] });
  expect(out.indexOf("Previewing update (dev)")).toBeLessThan(out.indexOf("Updating (dev)"));
  expect(runs()).toBe("preview preview update");
});

test("nobody there to ask, and not told to go on: refused", async () => {
  expect(await sandbox.run("up")).toMatchObject({ code: 2, err: expect.stringContaining("--yes") as string });
  expect(runs()).toBe("");
});

test("the program's debug messages are for --debug", async () => {
  expect((await sandbox.run("up --yes")).out).not.toContain("thought aloud");
  expect((await sandbox.run("up --yes --debug")).out).toContain("debug: thought aloud");
});
