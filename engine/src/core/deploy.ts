/** One preview, update, refresh or destroy, from the state before to the state after. */
import type { DeploymentOptions, DeploymentResult } from "../model";
import { deleteUnwanted } from "./deletion";
import { MonitorServer } from "./monitor-server";
import { runProgram } from "./program-runner";
import { ProviderRegistry } from "./provider-registry";
import { ProviderSource } from "./provider-source";
import { refreshAll } from "./refresh";
import { Registrar } from "./registrar";
import { Run, Stopped } from "./run";
import { discardLeftover } from "./steps";
import { StepGenerator } from "./step-generator";
import { Targets } from "./targets";

/** Never throws for what goes wrong in the deployment itself: that is in the events and in the summary. */
export async function deploy(options: DeploymentOptions): Promise<DeploymentResult> {
  const run = new Run(options);
  const server = new MonitorServer(run);
  const address = await server.start();
  const source = new ProviderSource(run, address);
  const registry = new ProviderRegistry({
    preview: run.preview,
    makeProvider: (packageName) => source.make(packageName),
    findOld: (urn, id) => run.store.find(urn, id),
  });
  const cancel = (): void => registry.cancel();
  if (options.signal.aborted) cancel();
  else options.signal.addEventListener("abort", cancel, { once: true });
  try {
    announce(run);
    await new Deployment(run, server, registry, address).execute();
  } catch (error) {
    if (!(error instanceof Stopped)) run.fail("", error instanceof Error ? error.message : String(error));
  } finally {
    await saveLast(run);
    options.signal.removeEventListener("abort", cancel);
    await registry.close();
    server.close();
  }
  const summary = run.summary();
  run.emit({ type: "summary", summary });
  return { summary, snapshot: run.preview ? options.snapshot : run.store.snapshot() };
}

function announce(run: Run): void {
  const { config, secretConfigKeys, snapshot } = run.options;
  const shown = Object.entries(config).map(([key, value]) => [
    key,
    secretConfigKeys.includes(key) ? "[secret]" : value,
  ]);
  run.emit({ type: "prelude", config: Object.fromEntries(shown) as Record<string, string> });
  if (run.preview || snapshot.pendingOperations.length === 0) return;
  const operations = snapshot.pendingOperations.map(
    ({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`,
  );
  run.diagnose(
    "warning",
    "",
    [
      "An earlier run was interrupted in the middle of these operations, so what became of them is not known:",
      ...operations,
      "What an interrupted creation left behind is removed where the provider can tell; `refresh` reads what the state knows.",
    ].join("\n"),
  );
}

/** The last word to the state. A state that cannot be written is a failure, whatever happened before. */
async function saveLast(run: Run): Promise<void> {
  try {
    await run.store.flush();
  } catch (error) {
    run.fail("", `the state could not be saved: ${error instanceof Error ? error.message : String(error)}`);
  }
}

class Deployment {
  private readonly targets: Targets;

  constructor(
    private readonly run: Run,
    private readonly server: MonitorServer,
    private readonly registry: ProviderRegistry,
    private readonly address: string,
  ) {
    this.targets = new Targets(run.options.targets);
  }

  async execute(): Promise<void> {
    const { run, registry, targets } = this;
    const { kind, refresh, snapshot } = run.options;
    registry.prepare(snapshot.resources);
    this.warnOfUnknownTargets();
    if (kind === "refresh" || refresh) {
      await refreshAll({ run, registry, targets, counting: kind === "refresh" });
      if (run.stopped || run.hasFailed || kind === "refresh") return;
    }
    if (kind === "destroy") await this.discardLeftovers();
    if (kind === "destroy") await deleteUnwanted({ run, registry, targets, isRegistered: () => false });
    else await this.runProgram();
  }

  /** INVARIANT: nothing is deleted unless the program ran to its end and every step succeeded. */
  private async runProgram(): Promise<void> {
    const { run, server, registry, targets } = this;
    const generator = new StepGenerator(run, registry, targets);
    const registrar = new Registrar(run, registry, generator);
    server.serve(registrar);
    const errors: string[] = [];
    const end = await runProgram({
      options: run.options,
      preview: run.preview,
      address: this.address,
      stopSignal: run.stopSignal,
      onOutput: (stream, line) => {
        run.programOutput(stream, line);
        if (stream === "stderr") errors.push(line);
      },
    });
    await server.settled();
    if (end.kind === "crashed") this.reportCrash(end.reason, errors);
    if (end.kind !== "completed") run.markFailed();
    if (end.kind === "completed" && !run.stopped && !run.hasFailed) {
      await this.discardLeftovers();
      await deleteUnwanted({ run, registry, targets, isRegistered: (urn) => generator.isRegistered(urn) });
    }
    registrar.finishStackOutputs();
  }

  /** What interrupted creations left behind that this run has not made again: before the deletions, which it could be in the way of. */
  private async discardLeftovers(): Promise<void> {
    const { run, registry } = this;
    for (const leftover of run.store.interrupted) {
      try {
        await discardLeftover(run, await registry.lifecycle(leftover.type, leftover.provider), leftover);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        run.diagnose(
          "warning",
          leftover.urn,
          `what an interrupted creation left behind could not be removed: ${reason}`,
        );
      }
    }
  }

  private reportCrash(reason: string, errors: readonly string[]): void {
    const last = errors.slice(-50).join("\n").trim();
    this.run.diagnose("error", "", `the program failed (${reason})${last === "" ? "" : `:\n${last}`}`);
  }

  private warnOfUnknownTargets(): void {
    const { run, targets } = this;
    if (run.options.kind === "update" || run.options.kind === "preview") return;
    const unknown = targets.unknown(run.store.olds.map(({ urn }) => urn));
    if (unknown.length > 0) throw run.fail("", `no resource of the state matches the target ${unknown.join(", ")}`);
  }
}
