#!/usr/bin/env node
// npm run latency [-- --stack STACK] [--samples N] [--json]: how long nginx takes to serve what Docker's event asks for. One replica is
// stopped (announced, so no request is lost) and started again N times (default 20). Exit status 1 when a bound is not met.
import { parse } from "./lib/arguments.mjs";
import { measureLatency, percentile } from "./lib/latency.mjs";
import { defaultStack } from "./lib/stack.mjs";
import { fail } from "./lib/steps.mjs";

const usage = "Usage: npm run latency [-- --stack STACK] [--samples N] [--json]";
/** Of `serving`, in ms, from each event. */
const BOUNDS = {
  start: { median: 1_400, p95: 2_500 },
  healthy: { median: 100, p95: 250 },
  kill: { median: 100, p95: 250 },
};

const STAGES = ["healthy", "registered", "rendered", "checked", "serving", "retired"];
const summary = (samples) =>
  Object.fromEntries(
    STAGES.map((stage) => {
      const values = samples.map((sample) => sample[stage]).filter((value) => !Number.isNaN(value));
      const at = (p) => Math.round(percentile(values, p));
      return [stage, values.length === 0 ? undefined : { median: at(0.5), p95: at(0.95), max: at(1) }];
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
      console.log(
        `${kind} ${number}: ${STAGES.filter((stage) => !Number.isNaN(sample[stage]))
          .map((stage) => `${stage} ${Math.round(sample[stage])}`)
          .join(", ")} ms`,
      );
  };
  const { name, samples } = await measureLatency(stack, count, say);
  const found = Object.fromEntries(Object.entries(samples).map(([kind, taken]) => [kind, summary(taken)]));
  if (options["--json"]) console.log(JSON.stringify({ stack, replica: name, samples, summary: found }, undefined, 2));
  else {
    for (const [kind, stages] of Object.entries(found)) {
      const line = ([stage, { median, p95, max }]) => `${stage} ${median} / ${p95} / ${max}`;
      console.log(
        `${kind} event → ${Object.entries(stages)
          .filter(([, figures]) => figures)
          .map(line)
          .join(", ")} (ms: median / p95 / worst of ${count})`,
      );
    }
  }
  const missed = Object.entries(BOUNDS).filter(
    ([kind, { median, p95 }]) => found[kind].serving.median > median || found[kind].serving.p95 > p95,
  );
  for (const [kind, { median, p95 }] of missed)
    console.error(`bound not met: ${kind} → serving within a median of ${median} ms and a p95 of ${p95} ms`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}

main().catch(fail);
