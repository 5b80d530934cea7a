/**
 * The dynamic provider behind Installation. Pulumi serialises this object's code into the state, so it captures nothing of this module
 * but functions and constants, and loads what it needs where it runs.
 */
import * as pulumi from "@pulumi/pulumi";
import { lastLines } from "./last-lines";

export interface InstallationInputs {
  /** The container to run: created, not started. */
  containerId: string;
  /** How long it may run. */
  limitSeconds: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Monotonic, because the wall clock may be set while the container runs. */
const elapsedMs = (): number => process.uptime() * 1000;

/**
 * Runs the container to its end. One that is still running from an earlier run is waited for, any other is started.
 * @throws Error with its exit code and last lines when it fails, takes longer than its limit, or has been removed
 */
async function runToEnd({ containerId, limitSeconds }: InstallationInputs): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Docker = require("dockerode") as typeof import("dockerode");
  const container = new Docker({ timeout: 30_000 }).getContainer(containerId);
  const start = elapsedMs();
  if (!(await container.inspect()).State.Running) await container.start();
  for (;;) {
    const { Name, Config, State } = await container.inspect();
    const isOver = elapsedMs() - start > limitSeconds * 1000;
    if (!State.Running && State.ExitCode === 0) return;
    if (!State.Running || isOver) {
      const lines = await lastLines(container, Config.Tty);
      throw new Error(
        [
          `${Name.slice(1)} ${State.Running ? `still runs after ${limitSeconds} s` : `failed with code ${State.ExitCode}${State.OOMKilled ? ", out of memory" : ""}`}; no replica was started or taken away`,
          lines.length === 0 ? "it printed nothing" : "its last lines:",
          ...lines.map((line) => `  ${line}`),
          "the next `up` runs it again",
        ].join("\n"),
      );
    }
    await pause(50);
  }
}

export const installationProvider: pulumi.dynamic.ResourceProvider<InstallationInputs, InstallationInputs> = {
  diff: (_id, olds, news) => Promise.resolve({ changes: olds.containerId !== news.containerId }),
  async create(inputs) {
    await runToEnd(inputs);
    return { id: inputs.containerId, outs: inputs };
  },
  async update(_id, _olds, news) {
    await runToEnd(news);
    return { outs: news };
  },
};
