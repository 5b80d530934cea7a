#!/usr/bin/env node
// npm run autoscale [-- --stack STACK] [--dry-run] [--metrics-port PORT]: keeps the number of replicas at what the load asks for, until it is
// told to end. npm run autoscale -- plot [--stack STACK] [--out FILE]: draws the log of its decisions as SVG.
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "./lib/arguments.mjs";
import { contextHost } from "./lib/docker-context.mjs";
import { parseMetrics, readMetrics } from "./lib/metrics.mjs";
import { root } from "./lib/paths.mjs";
import { must } from "./lib/run.mjs";
import { defaultStack } from "./lib/stack.mjs";
import { engineEnvironment, findProject, stateFolder } from "./lib/state-folder.mjs";
import { fail } from "./lib/steps.mjs";

const usage =
  "Usage: npm run autoscale [-- --stack STACK] [--dry-run] [--metrics-port PORT]\n" +
  "       npm run autoscale -- plot [--stack STACK] [--out FILE]";
const bundle = join(root, "ops", "dist", "autoscaler.js");

async function autoscaler() {
  if (!existsSync(bundle)) await must(process.execPath, [join(root, "scripts", "build.mjs")]);
  return createRequire(import.meta.url)(bundle);
}

function portOf(text) {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 65535)
    throw new Error(`"${text}" is no port: a whole number from 1 to 65535 is.\n${usage}`);
  return Number(text);
}

async function main() {
  const known = { "--stack": true, "-s": true, "--dry-run": false, "--metrics-port": true, "--out": true };
  const { words, options } = parse(process.argv.slice(2), known, usage);
  const [command = "run", ...more] = words;
  if (!["run", "plot"].includes(command) || more.length > 0) throw new Error(usage);
  const stack = options["--stack"] ?? options["-s"] ?? defaultStack;
  const project = findProject(root);
  const env = { ...process.env, ...engineEnvironment(process.env, project) };
  const folder = join(stateFolder(env), "autoscaler");
  if (command === "plot") {
    const file = options["--out"] ?? `${stack}-autoscale.svg`;
    writeFileSync(file, (await autoscaler()).plot({ stack, folder }));
    console.log(file);
    return;
  }
  const dockerHost = await contextHost(env);
  if (dockerHost) process.env.DOCKER_HOST = dockerHost;
  const isFile = (env.PULUMI_BACKEND_URL ?? "").startsWith("file://");
  const metricsPort = portOf(options["--metrics-port"]);
  await (
    await autoscaler()
  ).run({
    stack,
    folder,
    script: join(root, "scripts", "pulumi.mjs"),
    stateFile: isFile ? join(stateFolder(env), ".pulumi", "stacks", project.name, `${stack}.json`) : undefined,
    dryRun: options["--dry-run"] === true,
    metricsPort,
    parseNumbers: parseMetrics,
    slowNumbers: () => readMetrics(stack, "consul-template"),
  });
}

main().catch(fail);
