/** scripts/run.mjs runs the typed commands: their exit statuses, their errors as messages, and Pulumi's commands as a user has them. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeDocker } from "../../support/fake-docker";
import { root, Sandbox } from "./script";

let sandbox: Sandbox;
beforeAll(() => spawnSync(process.execPath, [join(root, "scripts", "build.mjs")], { cwd: root }));
beforeEach(() => (sandbox = new Sandbox()));
afterEach(() => sandbox.remove());

/** A stand-in of Pulumi's CLI that writes down its commands; the exit status is 1 for `config get`. */
function pulumi(): () => string[] {
  const calls = join(sandbox.folder, "calls");
  sandbox.fake(
    "pulumi",
    `const said = process.argv.slice(2).join(" ");
     if (said === "version") { console.log("v3.0.0"); process.exit(0); }
     require("node:fs").appendFileSync(${JSON.stringify(calls)}, said + "\\n");
     process.exit(said.startsWith("config get") ? 1 : said.startsWith("up") ? 7 : 0);`,
  );
  return () => readFileSync(calls, "utf8").trim().split("\n");
}

test("a command runs Pulumi as a user does, and ends with its exit status", () => {
  const calls = pulumi();
  const env = { PULUMI_ENGINE: "cli", PULUMI_BACKEND_URL: `file://${sandbox.folder}/state` };
  const { code } = sandbox.run("run.mjs", ["ops/scale", "4", "--stack", "prod"], env);
  expect(calls()).toEqual([
    "config get autoscale --stack prod",
    "config set wordpressReplicas 4 --stack prod",
    "up --yes --skip-preview --stack prod",
  ]);
  expect(code).toBe(7);
});

test("what a command throws is printed as its message alone, on stderr, with exit status 1", () => {
  const { code, stdout, stderr } = sandbox.run("run.mjs", ["ops/autoscale", "plot"], {
    PULUMI_BACKEND_URL: `file://${sandbox.folder}`,
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^\nThere is no decision of stack dev in .*dev\.jsonl: run `npm run autoscale` first\.\n$/);
});

test("a command that only looks neither makes a passphrase nor a folder for the state", async () => {
  await using _docker = await FakeDocker.start("dev", []);
  const state = join(sandbox.folder, "state");
  // The fake answers in this process, which `run` would hold up.
  const child = sandbox.start("run.mjs", ["ops/status"], { PULUMI_BACKEND_URL: `file://${state}` });
  let stderr = "";
  child.stderr?.on("data", (text) => (stderr += String(text)));
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
  expect(stderr).toBe("\nStack dev has no containers. `npm start` deploys dev.\n");
  expect(existsSync(state)).toBe(false);
});

test("every command that package.json names has its bundle", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = Object.values(scripts).flatMap(
    (script) => /^node scripts\/run\.mjs ops\/(\S+)$/.exec(script)?.[1] ?? [],
  );
  expect(named.sort()).toEqual(["autoscale", "latency", "logs", "purge", "scale", "status"]);
  const built = readdirSync(join(root, "ops/dist"));
  for (const name of named) expect(built).toContain(`${name}.js`);
});
