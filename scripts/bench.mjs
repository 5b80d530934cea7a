#!/usr/bin/env node
// npm run bench [-- --runs N] [--write]: the times and sizes that a user meets, on a stack of its own (`bench`), as medians of N runs.
// --write puts the table into docs/benchmarks.md, between its marks. Images have to be there: the first deployment is not counted.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choose, cliVersion } from "./lib/engine-choice.mjs";
import { machine, median, numberOption, seconds, writeSection } from "./lib/measured.mjs";
import { root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { fail } from "./lib/steps.mjs";

const stack = "bench";
const httpPort = 18090;
const dials = {
  httpPort,
  consulPort: 18091,
  frontendSubnet: "10.222.0.0/24",
  backendSubnet: "10.222.1.0/24",
  controlSubnet: "10.222.2.0/24",
};

/** Runs Pulumi's grammar on the stack; the time that it took in ms. Throws with its output when it fails. */
function pulumi(env, ...args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [join(root, "scripts", "pulumi.mjs"), ...args], { cwd: root, env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve(performance.now() - start) : reject(new Error(`pulumi ${args.join(" ")}:\n${said}`)),
    );
  });
}

/** Polls until the probe is true; the time since `start` in ms. */
async function timeUntil(start, what, probe) {
  while (!(await probe().catch(() => false))) {
    if (performance.now() - start > 300_000) throw new Error(`after 300 s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

const isServed = async () => (await fetch(`http://127.0.0.1:${httpPort}/`)).status === 200;
const isRouted = (count) => async () => {
  const key = `http://127.0.0.1:${dials.consulPort}/v1/kv/wordpress-autoscaling/${stack}/nginx/applied?raw`;
  return (await (await fetch(key)).json()).members.length === count;
};

/**
 * Memory of a role's processes in MiB, per container, as the kernel counts it: `all` is proportional (PSS: a page that several share is
 * divided among them), `own` is the part of it that belongs to no file and that the kernel cannot drop.
 */
async function memoryMiB(role) {
  const label = ["stack", "role"].map((key, index) => `label=wordpress-autoscaling.${key}=${[stack, role][index]}`);
  const { stdout } = await run("docker", [
    "ps",
    ...label.flatMap((one) => ["--filter", one]),
    "--format",
    "{{.Names}}",
  ]);
  const names = stdout.trim().split("\n").filter(Boolean);
  const total = { all: 0, own: 0 };
  for (const name of names) {
    const { stdout: pids } = await run("docker", ["top", name, "-eo", "pid"]);
    for (const pid of pids.match(/\d+/g) ?? []) {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      const kib = (field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
      total.all += kib("Pss") / 1024 / names.length;
      total.own += kib("Pss_Anon") / 1024 / names.length;
    }
  }
  return total;
}

async function measure(env, runs) {
  const times = { deploy: [], served: [], idle: [], preview: [], grow: [], routed: [], shrink: [], destroy: [] };
  const up = ["up", "--yes", "--skip-preview", "--stack", stack];
  const replicas = (count) => pulumi(env, "config", "set", "wordpressReplicas", String(count), "--stack", stack);
  let memory = {};
  await pulumi(env, "stack", "init", stack);
  for (const [key, value] of Object.entries(dials))
    await pulumi(env, "config", "set", key, String(value), "--stack", stack);
  for (let turn = 0; turn <= runs; turn++) {
    console.error(turn === 0 ? "first deployment, not counted" : `run ${turn} of ${runs}`);
    await replicas(2);
    const start = performance.now();
    const [deploy, served] = await Promise.all([pulumi(env, ...up), timeUntil(start, "a served page", isServed)]);
    const idle = await pulumi(env, ...up);
    const preview = await pulumi(env, "preview", "--expect-no-changes", "--stack", stack);
    if (turn === runs) {
      const roles = ["consul", "consul-template", "registrator", "mysql", "wordpress", "cron", "nginx"];
      memory = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await memoryMiB(role)])));
    }
    await replicas(5);
    const growing = performance.now();
    const [grow, routed] = await Promise.all([
      pulumi(env, ...up),
      timeUntil(growing, "5 routed replicas", isRouted(5)),
    ]);
    await replicas(2);
    const shrink = await pulumi(env, ...up);
    const destroy = await pulumi(env, "destroy", "--yes", "--skip-preview", "--stack", stack);
    await pulumi(env, "config", "set", "wordpressReplicas", "2", "--stack", stack);
    await run("docker", ["volume", "rm", `${stack}-mysql`, `${stack}-uploads`]);
    if (turn > 0)
      for (const [name, time] of Object.entries({ deploy, served, idle, preview, grow, routed, shrink, destroy }))
        times[name].push(time);
  }
  return { times, memory };
}

function table({ times, memory }, runs) {
  const row = (what, name) => `| ${what} | ${seconds(median(times[name]))} | ${times[name].map(seconds).join(", ")} |`;
  const size = ({ all, own }) => `${all.toFixed(0)} MiB | ${own.toFixed(0)} MiB |`;
  const sum = (kind) =>
    ["consul", "consul-template", "registrator"].reduce((total, role) => total + memory[role][kind], 0);
  return [
    `${runs} runs, medians.`,
    "",
    "| what | median | runs |",
    "| --- | --- | --- |",
    row("`up`, images present, nothing deployed: until the page is served", "served"),
    row("the same, until `up` has ended", "deploy"),
    row("`up`, nothing to do", "idle"),
    row("`preview --expect-no-changes`", "preview"),
    row("`up` from 2 to 5 replicas: until all 5 are routed", "routed"),
    row("the same, until `up` has ended", "grow"),
    row("`up` from 5 to 2 replicas, drained", "shrink"),
    row("`destroy`", "destroy"),
    "",
    "| role at rest, each container | memory (PSS) | of it not backed by files |",
    "| --- | --- | --- |",
    ...Object.entries(memory).map(([role, one]) => `| ${role} | ${size(one)}`),
    `| consul + consul-template + registrator | ${size({ all: sum("all"), own: sum("own") })}`,
  ].join("\n");
}

async function main() {
  const runs = numberOption("--runs", 3);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const env = { ...process.env, PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "bench" };
  delete env.PULUMI_CONFIG_PASSPHRASE_FILE;
  try {
    const engine = choose({ asked: process.env.PULUMI_ENGINE, cliVersion: await cliVersion() });
    const by = engine === "cli" ? "By the Pulumi CLI." : "By the embedded engine.";
    const text = `${await machine()} ${by} ${table(await measure(env, runs), runs)}`;
    console.log(text);
    if (process.argv.includes("--write")) writeSection("bench", text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(root, `Pulumi.${stack}.yaml`), { force: true });
  }
}

main().catch(fail);
