#!/usr/bin/env node
// npm run latency [-- --stack STACK] [--samples N] [--json]: how long nginx takes to serve what Docker's event asks for. One replica is
// stopped (announced, so no request is lost) and started again N times (default 20). Exit status 1 when a bound is not met.
import { parse } from "./lib/arguments.mjs";
import { measureLatency, percentile } from "./lib/latency.mjs";
import { defaultStack } from "./lib/stack.mjs";
import { fail } from "./lib/steps.mjs";

const usage = "Usage: npm run latency [-- --stack STACK] [--samples N] [--json]";
/** Of `serving`, in ms. */
const BOUNDS = { median: 100, p95: 250 };

const STAGES = ["registered", "rendered", "checked", "serving", "retired"];
const summary = (samples) =>
  Object.fromEntries(
    STAGES.map((stage) => {
      const values = samples.map((sample) => sample[stage]).filter((value) => !Number.isNaN(value));
      const at = (p) => Math.round(percentile(values, p));
      return [stage, { median: at(0.5), p95: at(0.95), max: at(1) }];
    }),
  );

async function main() {
  const known = { "--stack": true, "-s": true, "--samples": true, "--json": false };
  const { words, options } = parse(process.argv.slice(2), known, usage);
  const count = Number(options["--samples"] ?? 20);
  if (words.length > 0 || !Number.isInteger(count) || count < 1) throw new Error(usage);
  const stack = options["--stack"] ?? options["-s"] ?? defaultStack;
  const say = (kind, number, sample) => {
    if (!options["--json"])
      console.log(`${kind} ${number}: ${STAGES.map((stage) => `${stage} ${Math.round(sample[stage])}`).join(", ")} ms`);
  };
  const { name, samples } = await measureLatency(stack, count, say);
  const found = { healthy: summary(samples.healthy), kill: summary(samples.kill) };
  if (options["--json"]) console.log(JSON.stringify({ stack, replica: name, samples, summary: found }, undefined, 2));
  else {
    for (const [kind, stages] of Object.entries(found)) {
      const line = ([stage, { median, p95, max }]) => `${stage} ${median} / ${p95} / ${max}`;
      console.log(
        `${kind} event → ${Object.entries(stages).map(line).join(", ")} (ms: median / p95 / worst of ${count})`,
      );
    }
  }
  const isMet = Object.values(found).every(
    ({ serving }) => serving.median <= BOUNDS.median && serving.p95 <= BOUNDS.p95,
  );
  if (!isMet)
    console.error(`bounds not met: serving within a median of ${BOUNDS.median} ms and a p95 of ${BOUNDS.p95} ms`);
  process.exitCode = isMet ? 0 : 1;
}

main().catch(fail);
