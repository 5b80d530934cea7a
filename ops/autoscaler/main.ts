/** What scripts/autoscale.mjs runs: `run` and `plot`. */
import * as path from "node:path";
import { StackLock } from "../../engine/src/state/lock";
import { dockerClient } from "../../services/kit/docker-client";
import { serveStatus } from "../../services/kit/status-server";
import { AutoscalerMetrics } from "./autoscaler-metrics";
import { DockerCpu, ProcessCpu } from "./cpu";
import { Journal } from "./journal";
import { Autoscaler } from "./loop";
import { plot as draw } from "./plot";
import { DockerReplicas, type Numbers, ReloaderNumbers, Sampler } from "./sampler";
import { askedForSignals } from "./signals";
import { PulumiStack } from "./stack";

export interface Place {
  stack: string;
  /** Beside the state: the log of decisions and the lock. */
  folder: string;
}

export interface RunOptions extends Place {
  /** scripts/pulumi.mjs. */
  script: string;
  stateFile: string | undefined;
  dryRun: boolean;
  /** On 127.0.0.1. @default none */
  metricsPort: number | undefined;
  parseNumbers: (text: string) => Numbers;
  /** Reads the reloader's numbers from wherever Docker is. */
  slowNumbers: () => Promise<Numbers>;
}

const journalOf = ({ stack, folder }: Place): Journal => new Journal(path.join(folder, `${stack}.jsonl`));

/** Runs until SIGINT or SIGTERM. @throws Failure when another one runs for the stack */
export async function run(options: RunOptions): Promise<void> {
  const { stack: name, folder } = options;
  const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${name}: ${line}`);
  const lock = new StackLock(path.join(folder, `${name}.lock`), undefined, (count) =>
    count === 1 ? `an autoscaler of stack ${name} runs already.` : `${count} autoscalers of stack ${name} run already.`,
  );
  await lock.acquire(say);
  try {
    const docker = dockerClient();
    const stack = new PulumiStack(name, options.script, options.stateFile);
    const metrics = new AutoscalerMetrics();
    const journal = journalOf(options);
    const sampler = new Sampler(
      new ReloaderNumbers(docker, name, options.parseNumbers, options.slowNumbers),
      new DockerReplicas(docker, name),
      new DockerCpu(docker, new ProcessCpu(async (id) => (await docker.getContainer(id).inspect()).State.Pid)),
    );
    if (options.metricsPort !== undefined) {
      const at = { host: "127.0.0.1", port: options.metricsPort };
      await serveStatus(at, () => ({ ok: true, detail: { stack: name } }), metrics.render);
      say(`metrics at http://127.0.0.1:${options.metricsPort}/metrics`);
    }
    say(`decisions go to ${journal.file}${options.dryRun ? "; dry run, nothing is changed" : ""}`);
    const signal = askedForSignals(() => stack.interrupt());
    await new Autoscaler({ stack, sampler, journal, metrics, say }, options.dryRun).run(signal);
    say("ended");
  } finally {
    await lock.release();
  }
}

/** @returns an SVG of load, replicas and latency, from the log of decisions. @throws Error when there is none */
export function plot(place: Place): string {
  const journal = journalOf(place);
  const decisions = journal.read().filter((entry) => entry.kind === "decision");
  if (decisions.length === 0)
    throw new Error(
      `There is no decision of stack ${place.stack} in ${journal.file}: run \`npm run autoscale\` first.`,
    );
  return draw(place.stack, decisions);
}
