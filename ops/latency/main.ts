/**
 * npm run latency [-- --stack STACK] [--samples N] [--json]: how long nginx takes to serve what Docker's event asks for. One replica is
 * stopped (announced, so no request is lost) and started again N times (default 20). Exit status 1 when a bound is not met.
 */
import { readArguments, STACK_OPTION } from "../kit/arguments";
import type { Main } from "../kit/context";
import { measureLatency } from "./measure";
import { type Kind, KINDS, missedBounds, type Sample, STAGES, summarize, type Summary } from "./summary";

const usage = "Usage: npm run latency [-- --stack STACK] [--samples N] [--json]";
const options = { ...STACK_OPTION, samples: { type: "string" }, json: { type: "boolean" } } as const;

export const main: Main = async (args, { defaultStack }) => {
  const { words, values } = readArguments(args, options, usage);
  const count = Number(values.samples ?? 20);
  if (words.length > 0 || !Number.isInteger(count) || count < 1) throw new Error(usage);
  const stack = values.stack ?? defaultStack;
  const isJson = values.json === true;
  const say = (kind: Kind, number: number, sample: Sample): void => {
    if (!isJson) console.log(`${kind} ${number}: ${timesOf(sample)} ms`);
  };
  const { name, samples } = await measureLatency(stack, count, say);
  const found = {
    start: summarize(samples.start),
    healthy: summarize(samples.healthy),
    kill: summarize(samples.kill),
  };
  if (isJson) console.log(JSON.stringify({ stack, replica: name, samples, summary: found }, undefined, 2));
  else for (const kind of KINDS) console.log(lineOf(kind, found[kind], count));
  const missed = missedBounds(found);
  missed.forEach((line) => console.error(line));
  return missed.length === 0 ? 0 : 1;
};

const timesOf = (sample: Sample): string =>
  STAGES.filter((stage) => !Number.isNaN(sample[stage]))
    .map((stage) => `${stage} ${Math.round(sample[stage])}`)
    .join(", ");

function lineOf(kind: Kind, summary: Summary, count: number): string {
  const stages = STAGES.flatMap((stage) => {
    const figures = summary[stage];
    return figures === undefined ? [] : [`${stage} ${figures.median} / ${figures.p95} / ${figures.max}`];
  });
  return `${kind} event → ${stages.join(", ")} (ms: median / p95 / worst of ${count})`;
}
