/**
 * What an earlier run that was cut short left open: operations that began, and of which nobody noted the end.
 *
 * - A creation may have left behind something that the state does not know. The provider is asked to remove it before this run changes
 *   anything, so that it is in nobody's way; but only what is provably that creation's, by its attempt's name or its id. What has the
 *   same name and nothing else may be anybody's: it is told.
 * - An update or a deletion may have been done, half done, or not begun. The resource is read; if it exists it is marked as not well, so
 *   that the next update tries again even where the state looks as wanted.
 *
 * INVARIANT: an operation leaves the state only together with the answer to it.
 */
import type { ProviderRegistry } from "./provider-registry";
import type { Run } from "./run";

export class Recovery {
  private firstPass: Promise<void> | undefined;

  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
  ) {}

  /** Tells what was left open. */
  announce(): void {
    const { pendingOperations } = this.run.options.snapshot;
    if (pendingOperations.length === 0) return;
    const operations = pendingOperations.map(({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`);
    this.run.diagnose(
      "warning",
      "",
      [
        "An earlier run was interrupted in the middle of these operations, so what became of them is not known:",
        ...operations,
        "What an interrupted creation left behind is removed where the provider can tell; the others are read, and tried again.",
      ].join("\n"),
    );
  }

  /** To be awaited before anything is changed. */
  beforeChanges(): Promise<void> {
    this.firstPass ??= this.removeLeftovers();
    return this.firstPass;
  }

  /** Once nothing more will be created: what can be told now and could not before, and a word about the rest. */
  async beforeDeletions(): Promise<void> {
    await this.beforeChanges();
    if (!this.run.preview) await this.removeLeftovers((urn, message) => this.run.diagnose("warning", urn, message));
  }

  private async removeLeftovers(tell?: (urn: string, message: string) => void): Promise<void> {
    const { run, registry } = this;
    if (run.preview) return;
    for (const operation of run.store.interruptedCreations) {
      const { resource } = operation;
      let reason: string;
      try {
        const lifecycle = await registry.lifecycle(resource.type, resource.provider);
        // What the state knows is no leftover, even if it looks like one: another engine may have finished the work.
        const answer = await lifecycle.discard(operation, run.store.ids);
        if (answer === true) {
          run.store.settle(operation);
          continue;
        }
        reason = answer;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      tell?.(
        resource.urn,
        `what an interrupted creation may have left behind was not removed: ${reason}. If there is something, remove it by ` +
          "hand; then run `pulumi refresh --clear-pending-creates`",
      );
    }
  }
}
