/** What this run replaces, and what has to go first to make room for it. */
import type { ResourceState } from "../model";
import { dependentReplacements } from "./dependents";
import type { ProviderRegistry } from "./provider-registry";
import { refuseProtected } from "./refusals";
import type { Run } from "./run";
import type { DeleteReplacedStep } from "./step";

/**
 * INVARIANTS
 * - A state is deleted by one step, whatever it has to make room for.
 * - Dependents go before what they need.
 */
export class Departures {
  /** New URNs of what this run replaces, in whichever order. */
  private readonly replaced = new Set<string>();
  /** Deletions that make room for a replacement, by old URN. */
  private readonly makingRoom = new Map<string, DeleteReplacedStep>();
  /** The same of each state, those included that were to be deleted anyway. */
  private readonly steps = new Map<ResourceState, DeleteReplacedStep>();

  constructor(
    private readonly run: Run,
    private readonly registry: ProviderRegistry,
    private readonly isDecided: (urn: string) => boolean,
  ) {}

  /** The deletion of a resource that this run makes again. */
  of(old: ResourceState): DeleteReplacedStep | undefined {
    return this.makingRoom.get(old.urn);
  }

  isReplaced(urn: string): boolean {
    return this.replaced.has(urn);
  }

  markReplaced(urn: string): void {
    this.replaced.add(urn);
  }

  /** A resource that went is about to be made again. */
  recreate(old: ResourceState, urn: string): void {
    this.run.deleted.delete(old.urn);
    this.replaced.add(urn);
  }

  /** Deletes a resource and those that cannot outlive it, in this order of steps: its own is the last. @throws Stopped */
  async condemn(old: ResourceState): Promise<DeleteReplacedStep[]> {
    const dependents = await dependentReplacements(old, {
      olds: this.run.store.olds,
      isDecided: this.isDecided,
      lifecycle: (state) => this.registry.lifecycle(state.type, state.provider),
    });
    const departure = (state: ResourceState): DeleteReplacedStep | undefined =>
      this.steps.get(state) ?? (state.delete ? undefined : this.makingRoom.get(state.urn));
    // What goes already, for another replacement, goes once; but what it needs has to wait for it here too.
    let after = dependents.flatMap((state) => departure(state) ?? []);
    // Dependents first, the last of them first of all.
    const going = [old, ...dependents].filter((state) => departure(state) === undefined).reverse();
    const guarded = going.find((state) => state !== old && state.protect && !state.delete);
    if (guarded) refuseProtected(this.run, guarded.urn, old.urn);
    return going.map((state) => {
      const makesRoom = !state.delete;
      const step: DeleteReplacedStep = { op: "delete-replaced", after, old: state, makesRoom };
      after = [step];
      this.steps.set(state, step);
      // One that was to be deleted anyway makes room for nobody: its namesake lives on.
      if (makesRoom) {
        this.run.deleted.add(state.urn);
        this.makingRoom.set(state.urn, step);
      }
      return step;
    });
  }
}
