#!/usr/bin/env node
// npm run status [-- --stack STACK] [--json]: who is wanted, what Docker runs, what Consul's catalog says, what nginx routes, side by side.
// Exit status 1 when they are not the same set; each difference is named.
import { parse } from "./lib/arguments.mjs";
import { containersOf } from "./lib/labels.mjs";
import { must } from "./lib/run.mjs";
import { defaultStack } from "./lib/stack.mjs";
import { fail } from "./lib/steps.mjs";
import { compare } from "./lib/truths.mjs";

const usage = "Usage: npm run status [-- --stack STACK] [--json]";

async function inspect(ids) {
  return ids.length === 0 ? [] : JSON.parse((await must("docker", ["inspect", ...ids])).stdout);
}

/** Where this host reaches the stack's Consul; undefined when it does not run. */
function consulUrl(consul) {
  const port = consul?.NetworkSettings.Ports?.["8500/tcp"]?.[0]?.HostPort;
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

async function ask(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}

/** The worst of a service's checks; maintenance above all. */
function statusOf(checks) {
  if (checks.some(({ CheckID }) => CheckID.startsWith("_service_maintenance"))) return "maintenance";
  return ["critical", "warning"].find((status) => checks.some((check) => check.Status === status)) ?? "passing";
}

async function read(stack) {
  const all = await containersOf(stack);
  if (all.length === 0) throw new Error(`Stack ${stack} has no containers. \`npm start\` deploys ${defaultStack}.`);
  const controlRoles = ["consul", "registrator", "consul-template", "mysql", "nginx"];
  const inspected = await inspect(
    all.filter(({ role }) => role === "wordpress" || controlRoles.includes(role)).map(({ id }) => id),
  );
  const role = (one) => one.Config.Labels["wordpress-autoscaling.role"];
  const containers = inspected
    .filter((one) => role(one) === "wordpress")
    .map((one) => ({
      id: one.Id,
      name: one.Name.slice(1),
      state: one.State.Status,
      health: one.State.Health?.Status,
      address: `${one.NetworkSettings.Networks[`${stack}-frontend`]?.IPAddress ?? ""}:80`,
    }));
  const controls = inspected
    .filter((one) => controlRoles.includes(role(one)))
    .map((one) => ({
      name: one.Name.slice(1),
      role: role(one),
      state: one.State.Status,
      health: one.State.Health?.Status,
    }));
  const absent = controlRoles.filter((one) => !controls.some((control) => control.role === one));
  controls.push(...absent.map((one) => ({ name: `${stack}-${one}`, role: one, state: "gone" })));
  const url = consulUrl(inspected.find((one) => role(one) === "consul"));
  try {
    const services = (await ask(`${url}/v1/health/service/wordpress`)) ?? [];
    const key = (name) => ask(`${url}/v1/kv/wordpress-autoscaling/${stack}/nginx/${name}?raw`);
    const records = { desired: await key("desired"), applied: await key("applied") };
    const known = services.map(({ Service, Checks }) => ({
      id: Service.Meta["container-id"],
      name: Service.Meta["container-name"],
      address: `${Service.Address}:${Service.Port}`,
      status: statusOf(Checks),
    }));
    return compare(containers, known, records, controls);
  } catch (error) {
    // Neither Consul nor what lies in it can be compared; the control containers can.
    const { replicas } = compare(containers, [], {});
    const { problems } = compare([], [], { desired: { members: [] }, applied: { members: [] } }, controls);
    const silent = `Consul does not answer at ${url ?? "any port of this host"} (${error.message}); nginx serves on with what it has`;
    return { replicas, agree: false, problems: [...problems, silent] };
  }
}

function print({ wanted, replicas, problems, generation, retired }, stack) {
  const table = [
    ["replica", "wanted", "docker", "consul", "nginx"],
    ...replicas.map((one) => [one.name, one.wanted ? "yes" : "no", one.docker, one.consul, one.nginx]),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
  if (problems.length === 0) {
    const workers = retired ? "no older worker is left" : "older workers are ending";
    console.log(
      `\n${stack}: all ${wanted} wanted replicas run, are registered and are routed; generation ${generation}, ${workers}`,
    );
  } else console.log(`\n${problems.join("\n")}`);
}

async function main() {
  const { words, options } = parse(process.argv.slice(2), { "--stack": true, "-s": true, "--json": false }, usage);
  if (words.length > 0) throw new Error(usage);
  const stack = options["--stack"] ?? options["-s"] ?? defaultStack;
  const truths = await read(stack);
  if (options["--json"]) console.log(JSON.stringify({ stack, ...truths }, undefined, 2));
  else print(truths, stack);
  process.exitCode = truths.agree ? 0 : 1;
}

main().catch(fail);
