/**
 * Runs steps: in their order, at most so many provider calls at a time, each between its events, and with what it changed saved.
 *
 * INVARIANTS
 * - Nothing is changed before what an interrupted creation left behind has been dealt with (`beforeChanges`).
 * - No step begins once the run is stopping; one that has begun is seen through.
 * - A failure is reported once, where it happens. It ends the run, but for a protected resource's and a refresh's, and for any with
 *   `continueOnError`: those end only what comes after them.
 * - What was not deleted does not count as deleted.
 */
import type { ProviderRegistry } from "./provider-registry";
import { Stopped, type Run } from "./run";
import { stepEvent, StepFailed, type ShownStep, type Step } from "./step";
import { effectOf, ProtectedError } from "./step-effects";

export class StepExecutor {
  private readonly started = new Map<Step, Promise<void>>();

  /** @param beforeChanges comes before the first step that changes something */
  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly beforeChanges: () => Promise<void>,
  ) {}

  /** Runs all steps, those too that they have to come after. @throws Stopped, StepFailed with the first failure */
  async execute(steps: readonly Step[]): Promise<void> {
    await Promise.all(steps.map((step) => this.start(step)));
  }

  /** Runs what does not belong together: a failure, which was reported, ends only what comes after it. */
  async executeEach(steps: readonly Step[]): Promise<void> {
    for (const result of await Promise.allSettled(steps.map((step) => this.start(step)))) {
      if (result.status === "fulfilled") continue;
      const reason: unknown = result.reason;
      if (!(reason instanceof Stopped || reason instanceof StepFailed)) throw reason;
    }
  }

  /** Runs the steps of a registration, stage by stage; of a failure the registration is told. @returns what it comes to */
  async follow<T>(stages: AsyncGenerator<readonly Step[], T, undefined>): Promise<T> {
    let stage = await stages.next();
    while (!stage.done) {
      const failure = await this.execute(stage.value).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      stage = await (failure ? stages.throw(failure.error) : stages.next());
    }
    return stage.value;
  }

  private start(step: Step): Promise<void> {
    let running = this.started.get(step);
    if (!running) {
      running = this.runInOrder(step);
      // Whoever waits for it sees the failure; nobody has to.
      running.catch(() => {
        if (step.op === "delete" || step.op === "delete-replaced") this.run.deleted.delete(step.old.urn);
      });
      this.started.set(step, running);
    }
    return running;
  }

  private async runInOrder(step: Step): Promise<void> {
    await this.execute(step.after);
    switch (step.op) {
      case "remove-pending-replace":
        this.run.store.drop(step.old);
        return;
      case "same":
      case "replace":
        return this.perform(step);
      case "import":
      case "read":
      case "refresh":
        return this.run.limiter.run(() => this.perform(step));
      default:
        await this.beforeChanges();
        return this.run.limiter.run(() => this.perform(step));
    }
  }

  /** Runs one step between its events. @throws Stopped, StepFailed */
  private async perform(step: ShownStep): Promise<void> {
    const { run } = this;
    run.throwIfStopped();
    const startedAt = performance.now();
    run.emit({ type: "step-start", step: stepEvent(step) });
    try {
      await effectOf(step, { run, registry: this.registry });
    } catch (error) {
      this.report(step, startedAt, error);
    }
    run.emit({ type: "step-done", step: stepEvent(step), seconds: run.secondsSince(startedAt) });
    this.settle(step);
  }

  private report(step: ShownStep, startedAt: number, error: unknown): never {
    const { run } = this;
    const event = stepEvent(step);
    const message = run.mask.apply(error instanceof Error ? error.message : String(error));
    run.emit({ type: "step-failed", step: event, seconds: run.secondsSince(startedAt), message });
    const goesOn = step.op === "refresh" || error instanceof ProtectedError || run.options.continueOnError === true;
    if (!goesOn) throw run.fail(event.urn, message);
    run.diagnose("error", event.urn, message);
    run.markFailed();
    throw new StepFailed();
  }

  /** What ended well is counted, and the program may look it up. */
  private settle(step: ShownStep): void {
    const { run } = this;
    switch (step.op) {
      case "same":
        if (!step.imported) run.count("same", step.next);
        break;
      case "create-replacement":
        run.count("replace", step.next);
        break;
      case "create":
      case "update":
      case "read":
        run.count(step.op, step.next);
        break;
      case "import":
        run.count("import", step.next);
        return;
      case "delete":
        run.count("delete", step.old);
        return;
      default:
        return;
    }
    run.registered.set(step.next.urn, step.next);
  }
}
