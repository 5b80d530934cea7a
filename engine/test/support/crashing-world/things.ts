/** All that exists outside of the runs: things, whose they are, and the state file. */
import type { Snapshot } from "../../../src/model";
import type { JsonObject } from "../../../src/provider";
import { foreignId, urnOfWish } from "./plan";

export interface Thing {
  readonly urn: string;
  inputs: JsonObject;
  /** Of the creation that made it. */
  readonly attempt: string;
}

export class Things {
  readonly things = new Map<string, Thing>();
  /** The state file. */
  disk = JSON.stringify({ resources: [], pendingOperations: [] } satisfies Snapshot);
  private nextId = 1;
  /** Ids of what was removed by hand. */
  readonly vanished = new Set<string>();
  /** Ids of what a state said is to be left alone when it goes. */
  readonly retained = new Set<string>();
  /** Of each id, whether the last state that was not itself waiting to be deleted said so. */
  readonly retaining = new Map<string, boolean>();
  /** What no run may ever do, and one did. */
  readonly crimes: string[] = [];
  foreigners: readonly string[] = [];
  readonly intruders = new Set<string>();
  /** Ids that a saved state has had: whose they are is the state's to say. */
  readonly owned = new Set<string>();

  /** With things of others beside, among them of each Named one under its very name, as of another checkout of the program. */
  withForeigners(names: readonly string[]): this {
    const inputs = { size: 0, kind: 0, deleteFirst: false, from: [] };
    this.foreigners = names;
    for (const name of names) this.things.set(foreignId(name), { urn: `foreign ${name}`, inputs, attempt: "theirs" });
    return this;
  }

  /** Another checkout of the program makes one of the same name. */
  intrude(name: string): void {
    const urn = urnOfWish({ name });
    if ([...this.things.values()].some((thing) => thing.urn === urn)) return;
    const id = `intruder-${this.nextId++}`;
    this.intruders.add(id);
    this.things.set(id, { urn, inputs: {}, attempt: "theirs" });
  }

  /** The other checkout takes what it made away again. */
  withdraw(): void {
    for (const id of this.intruders) this.things.delete(id);
    this.intruders.clear();
  }

  /** Somebody removes something by hand. */
  vanish(name: string): void {
    for (const { urn, id = "" } of this.snapshot.resources) {
      if (urn.split("::").pop() !== name || !this.things.delete(id)) continue;
      this.vanished.add(id);
    }
  }

  /** A save that has arrived. */
  store(text: string): void | Promise<void> {
    this.disk = text;
    const live = this.snapshot.resources.filter((state) => !state.delete);
    for (const { id = "" } of live) {
      this.retaining.set(
        id,
        live.some((state) => state.id === id && state.retainOnDelete),
      );
    }
  }

  get snapshot(): Snapshot {
    return JSON.parse(this.disk) as Snapshot;
  }

  make(urn: string, inputs: JsonObject, attempt: string): string {
    const taken = [...this.things.values()].some((thing) => thing.urn === urn);
    if (taken && urn.includes("Named")) throw new Error(`conflict: ${urn} exists`);
    const id = `id-${this.nextId++}`;
    this.things.set(id, { urn, inputs, attempt });
    return id;
  }

  change(id: string, inputs: JsonObject): void {
    const thing = this.things.get(id);
    if (!thing) throw new Error(`${id} is gone`);
    thing.inputs = inputs;
  }
}
