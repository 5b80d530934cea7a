import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { StackLock } from "../../engine/src/state/lock";
import { Journal } from "./journal";
import { factsOf, PulumiStack } from "./stack";

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "autoscaler-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

const outputs = { replicas: 3, autoscale: { min: 1, max: 4, targetCpuPercent: 50 } };

/** A stand-in for scripts/pulumi.mjs that writes down how it was called. */
function fakePulumi(source: string): { script: string; calls: () => string[] } {
  const script = path.join(folder, "pulumi.cjs");
  const calls = path.join(folder, "calls");
  fs.writeFileSync(
    script,
    `const args = process.argv.slice(2).join(" ");
     require("node:fs").appendFileSync(${JSON.stringify(calls)}, args + " REPLICAS=" + process.env.WORDPRESS_AUTOSCALE_REPLICAS + "\\n");
     ${source}`,
  );
  return { script, calls: () => fs.readFileSync(calls, "utf8").trim().split("\n") };
}

test("what the stack last ran comes from its outputs; what is not there is said", () => {
  expect(factsOf("dev", JSON.stringify(outputs))).toMatchObject({
    replicas: 3,
    settings: { max: 4, periodSeconds: 5 },
  });
  expect(factsOf("dev", "{}")).toEqual({ absent: "stack dev is not deployed" });
  expect(factsOf("dev", '{"replicas":2}')).toEqual({ absent: expect.stringContaining("without autoscale") as string });
  const broken = JSON.stringify({ ...outputs, autoscale: { min: 9, max: 4, targetCpuPercent: 1 } });
  expect(factsOf("dev", broken)).toEqual({ absent: expect.stringContaining("autoscale.max is 4: at least") as string });
});

test("outputs are read again when the state's file has changed, and when asked to", async () => {
  const { script, calls } = fakePulumi(`console.log(${JSON.stringify(JSON.stringify(outputs))})`);
  const state = path.join(folder, "dev.json");
  fs.writeFileSync(state, "1");
  const stack = new PulumiStack("dev", script, state);
  await stack.read();
  await stack.read();
  expect(calls()).toEqual(["stack output --json --stack dev REPLICAS=undefined"]);
  fs.writeFileSync(state, "another");
  await stack.read();
  await stack.read(true);
  expect(calls()).toHaveLength(3);
});

test("the number goes to `up` by the variable", async () => {
  const { script, calls } = fakePulumi("");
  expect(await new PulumiStack("dev", script, undefined).up(4)).toMatchObject({ outcome: "done" });
  expect(calls()).toEqual(["up --yes --skip-preview --non-interactive --stack dev REPLICAS=4"]);
});

test.each([
  ["error: the stack is currently locked by 1 lock(s).", "busy"],
  ["error: update failed", "failed"],
])("%s: %s", async (said, outcome) => {
  const { script } = fakePulumi(`console.error(${JSON.stringify(said)}); process.exitCode = 1;`);
  expect(await new PulumiStack("dev", script, undefined).up(4)).toEqual({ outcome, said });
});

test("a signal to interrupt reaches the `up`, and it alone", async () => {
  const { script } = fakePulumi(
    `require("node:fs").writeFileSync(${JSON.stringify(path.join(folder, "ready"))}, "");
     process.on("SIGINT", () => { console.log("cancelled"); process.exit(1); }); setTimeout(() => {}, 600000);`,
  );
  const stack = new PulumiStack("dev", script, undefined);
  const up = stack.up(4);
  while (!fs.existsSync(path.join(folder, "ready"))) await new Promise((resolve) => setTimeout(resolve, 20));
  stack.interrupt();
  expect(await up).toEqual({ outcome: "failed", said: "cancelled" });
});

test("one autoscaler a stack: the second is told who runs", async () => {
  const refusal = () => "an autoscaler of stack dev runs already.";
  const first = new StackLock(path.join(folder, "dev.lock"), undefined, refusal);
  await first.acquire(() => undefined);
  const second = new StackLock(path.join(folder, "dev.lock"), undefined, refusal);
  await expect(second.acquire(() => undefined)).rejects.toThrow(
    new RegExp(`^an autoscaler of stack dev runs already\\.\n.*\\(pid ${process.pid}\\)`),
  );
  await first.release();
  await second.acquire(() => undefined);
});

test("the log survives a line that a crash cut short, and grows no further than two files", () => {
  const journal = new Journal(path.join(folder, "sub", "dev.jsonl"));
  journal.write({ kind: "waiting", at: 1_000, why: "x" });
  fs.appendFileSync(journal.file, '{"time":"2026-\n');
  journal.write({ kind: "waiting", at: 2_000, why: "y" });
  expect(journal.read()).toEqual([
    { kind: "waiting", at: 1_000, why: "x" },
    { kind: "waiting", at: 2_000, why: "y" },
  ]);
  expect(fs.statSync(journal.file).mode & 0o777).toBe(0o600);
  fs.appendFileSync(journal.file, `${" ".repeat(8 * 2 ** 20)}\n`);
  journal.write({ kind: "waiting", at: 3_000, why: "z" });
  expect(fs.readdirSync(path.dirname(journal.file)).sort()).toEqual(["dev.jsonl", "dev.jsonl.1"]);
  expect(journal.read()).toHaveLength(3);
});
