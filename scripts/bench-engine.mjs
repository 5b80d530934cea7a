#!/usr/bin/env node
// npm run bench:engine [-- --runs N] [--write]: the embedded engine beside docker compose and the Pulumi CLI, where they are installed, on the
// same trivial containers, by turns in one run; and on 500 resources that are nothing but state. --write puts the tables into docs/benchmarks.md.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine, median, numberOption, seconds, writeSection } from "./lib/measured.mjs";
import { root } from "./lib/paths.mjs";
import { must, run } from "./lib/run.mjs";
import { fail } from "./lib/steps.mjs";

const image = "debian:trixie-slim";
const label = "bench-engine";
const fakes = 500;

const containersProgram = `import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const prefix = config.require("prefix");
const labels = [{ label: "${label}", value: prefix }];
const network = new docker.Network("network", { name: prefix, labels });
for (let index = 1; index <= config.requireNumber("count"); index++) {
  new docker.Container(\`container-\${index}\`, {
    name: \`\${prefix}-\${index}\`,
    image: "${image}",
    command: ["sleep", "infinity"],
    init: true,
    labels,
    networksAdvanced: [{ name: network.name }],
  });
}
`;

const fakesProgram = `import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

for (let index = 1; index <= new pulumi.Config().requireNumber("count"); index++)
  new random.RandomId(\`fake-\${index}\`, { byteLength: 8 });
`;

const composeFile = (prefix, count) => `name: ${prefix}
networks:
  default:
    name: ${prefix}
services:
${Array.from(
  { length: count },
  (_, index) => `  container-${index + 1}:
    container_name: ${prefix}-${index + 1}
    image: ${image}
    command: [sleep, infinity]
    init: true
    labels: { ${label}: ${prefix} }
`,
).join("")}`;

/**
 * Runs a command to its end: { ms, peakMiB, writtenMiB }, the largest resident memory of the process itself, and what it wrote, to files
 * and pipes. Throws with its output when it fails.
 */
function timed(command, args, options) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let peakMiB = 0;
    let writtenMiB = 0;
    const sample = setInterval(() => {
      peakMiB = Math.max(peakMiB, field(child.pid, "status", "VmHWM") / 1024);
      writtenMiB = Math.max(writtenMiB, field(child.pid, "io", "wchar") / 2 ** 20);
    }, 20);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(sample);
      if (code === 0) resolve({ ms: performance.now() - start, peakMiB, writtenMiB });
      else reject(new Error(`${command} ${args.join(" ")}:\n${said}`));
    });
  });
}

/** A number of /proc/PID/FILE; 0 when the process has ended or the system has no /proc. */
function field(pid, file, name) {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Runs something; the largest memory in MiB of all processes below this one meanwhile (PSS: what they share counts once). */
async function peakOfTree(act) {
  let peakMiB = 0;
  const sample = setInterval(() => {
    const kib = descendants(process.pid).reduce((sum, pid) => sum + field(pid, "smaps_rollup", "Pss"), 0);
    peakMiB = Math.max(peakMiB, kib / 1024);
  }, 100);
  await act().finally(() => clearInterval(sample));
  return peakMiB;
}

function descendants(pid) {
  const children = processes().filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid)]);
}

const processes = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: field(name, "status", "PPid") }));

/** A program folder of its own, with this checkout's packages. */
function programFolder(folder, name, source) {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\nmain: index.ts\n`);
  writeFileSync(join(folder, "package.json"), "{}\n");
  writeFileSync(join(folder, "tsconfig.json"), "{}\n");
  writeFileSync(join(folder, "index.ts"), source);
  return folder;
}

/** A Pulumi engine on a program: { prepare, scale(count), destroy }. */
function pulumi(folder, program, command, prefix) {
  const state = join(folder, "state");
  const env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "bench",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // what the embedded engine does by itself
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // and what `npm run pulumi` adds for either
    NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"),
  };
  delete env.PULUMI_CONFIG_PASSPHRASE_FILE;
  const cwd = programFolder(join(folder, "program"), "bench-engine", program);
  const at = (...args) => timed(command[0], [...command.slice(1), ...args], { cwd, env });
  return {
    prepare: async () => {
      mkdirSync(state);
      await at("stack", "init", "bench");
      await at("config", "set", "prefix", prefix);
    },
    set: (count) => at("config", "set", "count", String(count)),
    apply: () => at("up", "--yes", "--skip-preview"),
    destroy: () => at("destroy", "--yes", "--skip-preview"),
  };
}

function compose(folder, prefix) {
  mkdirSync(folder);
  const at = (...args) => timed("docker", ["compose", ...args], { cwd: folder });
  return {
    prepare: async () => undefined,
    set: async (count) => writeFileSync(join(folder, "compose.yaml"), composeFile(prefix, count)),
    apply: () => at("up", "--detach", "--remove-orphans"),
    destroy: () => at("down"),
  };
}

const answers = async (command, ...args) => (await run(command, args).catch(() => ({ code: 1 }))).code === 0;
const embedded = [process.execPath, join(root, "engine/dist/cli.js")];

/** The scenes, each from one container, in the order in which they are run. */
const scenes = [
  { name: "nothing to do", count: 1 },
  { name: "+4 containers", count: 5 },
  { name: "+20 containers", count: 21 },
];

/** Docker 20.10 now and then keeps a network that has no container any more: the figures stand all the same. */
const leftOver = (name, error) =>
  console.error(`${name} could not remove what it made (docker ps -a --filter label=${label}): ${error.message}`);

/** { engine: { scene: [ms] } } */
async function compareOnContainers(folder, runs) {
  const engines = { embedded: pulumi(join(folder, "embedded"), containersProgram, embedded, "bench-embedded") };
  if (await answers("docker", "compose", "version"))
    engines["docker compose"] = compose(join(folder, "compose"), "bench-compose");
  else console.error("docker compose is not installed: nothing is compared with it");
  if (await answers("pulumi", "version"))
    engines["Pulumi CLI"] = pulumi(
      join(folder, "cli"),
      containersProgram,
      ["pulumi", "--non-interactive"],
      "bench-cli",
    );
  else console.error("there is no pulumi on PATH: nothing is compared with the CLI");
  const times = Object.fromEntries(Object.keys(engines).map((name) => [name, {}]));
  for (const engine of Object.values(engines)) {
    await engine.prepare();
    await engine.set(1);
    await engine.apply();
  }
  try {
    for (let turn = 1; turn <= runs; turn++) {
      for (const [name, engine] of Object.entries(engines)) {
        console.error(`run ${turn} of ${runs}: ${name}`);
        for (const scene of scenes) {
          await engine.set(scene.count);
          (times[name][scene.name] ??= []).push((await engine.apply()).ms);
          if (scene.count === 1) continue;
          await engine.set(1);
          await engine.apply();
        }
      }
    }
  } finally {
    for (const [name, engine] of Object.entries(engines))
      await engine.destroy().catch((error) => leftOver(name, error));
  }
  return times;
}

/** Of 500 resources that are nothing but state. */
async function measureFakes(folder, runs) {
  const engine = pulumi(join(folder, "fakes"), fakesProgram, embedded, "unused");
  await engine.prepare();
  await engine.set(fakes);
  const create = await engine.apply();
  const idle = [];
  for (let turn = 1; turn <= runs; turn++) idle.push(await engine.apply());
  const allMiB = await peakOfTree(engine.apply);
  const destroy = await engine.destroy();
  return { create, idle, allMiB, destroy };
}

function tables(times, fake, runs) {
  const names = Object.keys(times);
  const cell = (name, scene) => {
    const own = median(times[name][scene]);
    const ratio =
      name === "embedded" || !times["docker compose"] ? "" : ` (${(own / median(times.embedded[scene])).toFixed(2)}x)`;
    return `${seconds(own)}${ratio}`;
  };
  const peak = Math.max(fake.create.peakMiB, fake.destroy.peakMiB, ...fake.idle.map(({ peakMiB }) => peakMiB));
  return [
    `Medians of ${runs}, by turns in one run; in brackets: times the embedded engine's.`,
    "",
    `| what | ${names.join(" | ")} |`,
    `| --- | ${names.map(() => "---").join(" | ")} |`,
    ...scenes.map(({ name: scene }) => `| ${scene} | ${names.map((name) => cell(name, scene)).join(" | ")} |`),
    "",
    `| ${fakes} random ids, embedded engine | |`,
    "| --- | --- |",
    `| create | ${seconds(fake.create.ms)}, ${fake.create.writtenMiB.toFixed(1)} MiB written |`,
    `| nothing to do | ${seconds(median(fake.idle.map(({ ms }) => ms)))} |`,
    `| destroy | ${seconds(fake.destroy.ms)} |`,
    `| largest memory of the engine's process | ${peak.toFixed(0)} MiB |`,
    `| of it, the program's and the providers' together, with nothing to do | ${fake.allMiB.toFixed(0)} MiB |`,
  ].join("\n");
}

async function main() {
  const runs = numberOption("--runs", 5);
  await must("docker", ["image", "inspect", image]);
  const folder = mkdtempSync(join(tmpdir(), "bench-engine-"));
  try {
    const times = await compareOnContainers(folder, runs);
    const text = `${await machine()} ${tables(times, await measureFakes(folder, runs), runs)}`;
    console.log(text);
    if (process.argv.includes("--write")) writeSection("bench-engine", text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch(fail);
