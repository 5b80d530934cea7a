/** One preview, update, refresh or destroy, from the state before to the state after. */
import type { DeploymentOptions, DeploymentResult } from "../model";
import { MonitorServer } from "./monitor-server";
import { runProgram, type ProgramEnd } from "./program-runner";
import { ProviderRegistry } from "./provider-registry";
import { ProviderSource } from "./provider-source";
import { Recovery } from "./recovery";
import { refreshAll, refreshInterrupted } from "./refresh";
import { Registrar } from "./registrar";
import { Run, Stopped } from "./run";
import { StepExecutor } from "./step-executor";
import { StepGenerator } from "./step-generator";
import { Targets } from "./targets";

/** Runs the program, which registers what it wants, to its end. */
type Program = (registrar: Registrar) => Promise<ProgramEnd>;

/** Never throws for what goes wrong in the deployment itself: that is in the events and in the summary. */
export async function deploy(options: DeploymentOptions): Promise<DeploymentResult> {
  const run = new Run(options);
  const server = new MonitorServer(run);
  try {
    const address = await server.start();
    return await conduct(run, address, (registrar) => runRealProgram(run, server, registrar, address));
  } finally {
    server.close();
  }
}

/** {@link deploy} for any program: one in a process of its own, or a test's. `address`: where providers may log to. */
export async function conduct(run: Run, address: string, program: Program): Promise<DeploymentResult> {
  const { options } = run;
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
    await new Deployment(run, registry, program).execute();
  } catch (error) {
    if (!(error instanceof Stopped)) run.fail("", error instanceof Error ? error.message : String(error));
  } finally {
    await saveLast(run);
    options.signal.removeEventListener("abort", cancel);
    await registry.close();
  }
  const summary = run.summary();
  run.emit({ type: "summary", summary });
  return { summary, snapshot: run.preview ? options.snapshot : run.store.snapshot() };
}

async function runRealProgram(
  run: Run,
  server: MonitorServer,
  registrar: Registrar,
  address: string,
): Promise<ProgramEnd> {
  server.serve(registrar);
  const errors: string[] = [];
  const end = await runProgram({
    options: run.options,
    preview: run.preview,
    address,
    stopSignal: run.stopSignal,
    onOutput: (stream, line) => {
      run.programOutput(stream, line);
      if (stream === "stderr") errors.push(line);
    },
  });
  await server.settled();
  if (end.kind === "crashed") {
    const last = errors.slice(-50).join("\n").trim();
    run.diagnose("error", "", `the program failed (${end.reason})${last === "" ? "" : `:\n${last}`}`);
  }
  return end;
}

function announce(run: Run): void {
  const { config, secretConfigKeys } = run.options;
  const shown = Object.entries(config).map(([key, value]) => [
    key,
    secretConfigKeys.includes(key) ? "[secret]" : value,
  ]);
  run.emit({ type: "prelude", config: Object.fromEntries(shown) as Record<string, string> });
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
  private readonly recovery: Recovery;
  private readonly executor: StepExecutor;

  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly program: Program,
  ) {
    this.targets = new Targets(run.options);
    this.recovery = new Recovery(run, registry);
    this.executor = new StepExecutor(run, registry, () => this.recovery.beforeChanges());
  }

  async execute(): Promise<void> {
    const { run, registry, targets, executor } = this;
    const { kind, refresh, snapshot } = run.options;
    this.recovery.announce();
    const known = run.store.olds.map(({ urn }) => urn);
    if (kind === "destroy" || kind === "refresh") this.refuseUnknown(targets.unknown(known));
    this.refuseUnknown(targets.unknownReplacements(known));
    if (kind === "destroy" || kind === "refresh" || refresh) registry.prepare(snapshot.resources);
    if (kind === "refresh" || refresh) {
      await refreshAll({ run, executor, targets, counting: kind === "refresh" });
      if (run.stopped || run.hasFailed || kind === "refresh") return;
    }
    if (kind === "destroy") {
      await this.deleteUnwanted(new StepGenerator(run, registry, targets));
      return;
    }
    await refreshInterrupted({ run, executor, targets });
    if (run.stopped || run.hasFailed) return;
    await this.runProgram();
  }

  /**
   * INVARIANT: nothing is deleted unless the program ran to its end, and every step succeeded; with `continueOnError`, nothing that is
   * needed by what failed.
   */
  private async runProgram(): Promise<void> {
    const { run, registry, targets, executor } = this;
    const generator = new StepGenerator(run, registry, targets);
    const registrar = new Registrar({ run, registry, generator, executor });
    const ending = this.program(registrar);
    registry.prepare(run.options.snapshot.resources);
    const end = await ending;
    if (end.kind !== "completed") run.markFailed();
    else if (!run.stopped)
      this.refuseUnknown(targets.unknown([...run.options.snapshot.resources.map(({ urn }) => urn), ...generator.urns]));
    const { continueOnError = false } = run.options;
    if (end.kind === "completed" && !run.stopped && (continueOnError || !run.hasFailed))
      await this.deleteUnwanted(generator);
    registrar.finishStackOutputs();
  }

  private async deleteUnwanted(generator: StepGenerator): Promise<void> {
    const steps = generator.deletions();
    if (!steps) return;
    await this.recovery.beforeDeletions();
    await this.executor.executeEach(steps);
  }

  /** What is misspelled would pass for something with nothing to do, or to leave alone. @throws Stopped */
  private refuseUnknown(unknown: readonly string[]): void {
    if (unknown.length > 0) throw this.run.fail("", `no resource matches ${unknown.join(", ")}`);
  }
}
