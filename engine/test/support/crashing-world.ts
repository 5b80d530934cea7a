/**
 * A world that a deployment changes through a provider in this process, a disk for its state, and a life that can end at any moment:
 * as with SIGKILL, nothing that would have happened afterwards does, but what was on its way may still arrive.
 */
import { conduct } from "../../src/core/deploy";
import { ProviderLostError } from "../../src/core/grpc-provider";
import { Run, Stopped } from "../../src/core/run";
import type { DeploymentKind, DeploymentSummary, EngineEvent, ResourceState, Snapshot } from "../../src/model";
import { ResourceInitError, UNKNOWN, type JsonObject, type Provider } from "../../src/provider";
import { NO_OPTIONS, type Goal } from "../../src/core/goal";
import { deferred } from "../../src/core/deferred";

/** One resource that a program wants. */
export interface Wish {
  readonly name: string;
  /** A change is an update. */
  readonly size: number;
  /** A change is a replacement. */
  readonly kind: number;
  readonly deleteFirst: boolean;
  /** Names of earlier wishes. Their ids are an input, so a replaced one changes this one. */
  readonly needs: readonly string[];
}

/** What goes wrong in a run. `at` counts the moments of that run: calls begun and ended, saves begun and ended. */
export type Fault =
  | { readonly what: "nothing" }
  | { readonly what: "kill" | "interrupt" | "disk full" | "disk full for a moment"; readonly at: number }
  | { readonly what: "program fails"; readonly after: number }
  | { readonly what: "call fails" | "half made" | "provider dies"; readonly call: number };

export interface Plan {
  readonly kind: Exclude<DeploymentKind, "preview">;
  readonly wishes: readonly Wish[];
  readonly fault: Fault;
  readonly parallel: number;
  /** How long calls and saves take, and which of those that were on their way when the run was killed still arrive; used in a circle. */
  readonly chances: readonly number[];
}

export interface Ending {
  /** Whether the run lasted until its fault. */
  readonly struck: boolean;
  readonly summary: DeploymentSummary | undefined;
  /** Errors and warnings. */
  readonly said: readonly string[];
  /** The URNs of what was no longer wanted. */
  readonly unwanted: readonly string[];
}

interface Thing {
  readonly urn: string;
  inputs: JsonObject;
}

/** Of a Named there can be one of each name, and what a creation left behind is found by it; of a Plain nobody can tell. */
export const typeOfWish = (name: string): string => (name < "c" ? "fake:index:Named" : "fake:index:Plain");
const parentOf = (name: string): "group" | "stack" => (name > "d" ? "group" : "stack");

const STACK = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev";
const GROUP = "urn:pulumi:dev::proj::test:index:Group::group";
export const urnOfWish = (name: string): string =>
  `urn:pulumi:dev::proj::${parentOf(name) === "group" ? "test:index:Group$" : ""}${typeOfWish(name)}::${name}`;

const never = new Promise<never>(() => undefined);

export class World {
  readonly things = new Map<string, Thing>();
  /** The state file. */
  disk = JSON.stringify({ resources: [], pendingOperations: [] } satisfies Snapshot);
  private nextId = 1;

  get snapshot(): Snapshot {
    return JSON.parse(this.disk) as Snapshot;
  }

  async run(plan: Plan): Promise<Ending> {
    return new Life(this, plan).live();
  }

  make(urn: string, inputs: JsonObject): string {
    const taken = [...this.things.values()].some((thing) => thing.urn === urn);
    if (taken && urn.includes("Named")) throw new Error(`conflict: ${urn} exists`);
    const id = `id-${this.nextId++}`;
    this.things.set(id, { urn, inputs });
    return id;
  }

  change(id: string, inputs: JsonObject): void {
    const thing = this.things.get(id);
    if (!thing) throw new Error(`${id} is gone`);
    thing.inputs = inputs;
  }
}

/** One run, from its start to its end, or to its death. */
class Life {
  private moments = 0;
  private calls = 0;
  private chance = 0;
  private struck = false;
  private dead = false;
  private diskFull = false;
  private saving = false;
  private readonly death = deferred();
  private readonly interruption = new AbortController();
  /** What takes effect soon, whether the engine lives to hear of it or not. */
  private readonly onItsWay = new Set<() => void>();
  private readonly said: string[] = [];
  private readonly unwanted: string[] = [];

  constructor(
    private readonly world: World,
    private readonly plan: Plan,
  ) {}

  async live(): Promise<Ending> {
    const { kind, parallel, wishes } = this.plan;
    const run = new Run({
      kind,
      project: "proj",
      stack: "dev",
      organization: "organization",
      programFolder: "/nowhere",
      main: ".",
      config: {},
      secretConfigKeys: [],
      snapshot: this.world.snapshot,
      save: (snapshot) => this.save(snapshot),
      providers: { fake: () => this.provider },
      onEvent: (event) => this.listen(event),
      parallel,
      refresh: false,
      targets: [],
      signal: this.interruption.signal,
      readStackOutputs: () => Promise.resolve(undefined),
      readStackResources: () => Promise.resolve(undefined),
    });
    const deployment = conduct(run, "", async (registrar) => {
      const program = new Program(wishes, this.plan.fault, (goal) => registrar.register(goal));
      try {
        await program.run();
        return { kind: "completed" };
      } catch (error) {
        return error instanceof Stopped ? { kind: "stopped" } : { kind: "crashed", reason: String(error) };
      }
    });
    const result = await Promise.race([deployment, this.death.promise.then(() => undefined)]);
    const { said, unwanted } = this;
    return { struck: this.struck, summary: result?.summary, said, unwanted };
  }

  private listen(event: EngineEvent): void {
    if (event.type === "diagnostic") this.said.push(event.message);
    if (event.type === "step-start" && event.step.op === "delete") this.unwanted.push(event.step.urn);
  }

  private async save(snapshot: Snapshot): Promise<void> {
    if (this.saving) throw new Error("two saves at a time");
    this.saving = true;
    const text = JSON.stringify(snapshot);
    try {
      await this.moment();
      if (this.diskFull) throw new Error("no space left on device");
      await this.effect(() => (this.world.disk = text));
      await this.moment();
    } finally {
      if (this.plan.fault.what === "disk full for a moment") this.diskFull = false;
      this.saving = false;
    }
  }

  private readonly provider: Provider = {
    configure: () => Promise.resolve(),
    check: ({ news }) => Promise.resolve({ inputs: news, failures: [] }),
    diff: async ({ oldInputs, news }) => {
      await this.wait();
      const replaces = oldInputs.kind !== news.kind ? ["kind"] : [];
      const unknown = JSON.stringify(news).includes(UNKNOWN) && oldInputs.deleteFirst === true;
      return {
        changes: JSON.stringify(oldInputs) === JSON.stringify(news) ? "none" : "some",
        replaces: unknown ? ["from"] : replaces,
        diffs: [],
        deleteBeforeReplace: news.deleteFirst === true,
      };
    },
    create: ({ urn, inputs }) =>
      this.call(() => {
        const id = this.world.make(urn, inputs);
        return { id, outputs: { ...inputs, made: id } };
      }),
    read: async ({ id, inputs }) => {
      await this.wait();
      const thing = this.world.things.get(id);
      return thing && inputs
        ? { id, inputs: thing.inputs, outputs: { ...thing.inputs, made: id } }
        : { id: "", outputs: {} };
    },
    update: ({ id, news }) =>
      this.call(() => {
        this.world.change(id, news);
        return { id, outputs: { ...news, made: id } };
      }).then(({ outputs }) => outputs),
    delete: async ({ id }) => {
      await this.call(() => {
        this.world.things.delete(id);
        return undefined;
      });
    },
    discard: async ({ urn, keep }) => {
      if (!urn.includes("Named")) return false;
      await this.wait();
      for (const [id, thing] of this.world.things) {
        if (thing.urn === urn && !keep.has(id)) await this.effect(() => void this.world.things.delete(id));
      }
      return true;
    },
    invoke: () => Promise.reject(new Error("not implemented")),
    cancel: () => undefined,
    close: () => Promise.resolve(),
  };

  private async call<T extends { id: string; outputs: JsonObject } | undefined>(change: () => T): Promise<T> {
    const { fault } = this.plan;
    const hit = "call" in fault && ++this.calls === fault.call;
    await this.moment();
    if (hit && fault.what === "call fails") throw new Error("quota exceeded");
    if (hit && fault.what === "provider dies" && this.next() % 2 === 0) throw new ProviderLostError("gone");
    let result: T | undefined;
    let failure: Error | undefined;
    await this.effect(() => {
      try {
        result = change();
      } catch (error) {
        failure = error as Error;
      }
    });
    await this.moment();
    if (failure) throw failure;
    if (hit && fault.what === "provider dies") throw new ProviderLostError("gone");
    if (hit && fault.what === "half made" && result) throw new ResourceInitError("sick", result.id, result.outputs, []);
    return result as T;
  }

  /** Takes effect after a while; or, if the run is killed before, perhaps. */
  private async effect(change: () => void): Promise<void> {
    this.onItsWay.add(change);
    await this.wait();
    this.onItsWay.delete(change);
    change();
  }

  private async wait(): Promise<void> {
    for (let turns = this.next(); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    if (this.dead) await never;
  }

  private next(): number {
    const { chances } = this.plan;
    return chances[this.chance++ % chances.length] ?? 0;
  }

  private async moment(): Promise<void> {
    if (this.dead) return never;
    const { fault } = this.plan;
    if (!("at" in fault) || ++this.moments !== fault.at) return;
    this.struck = true;
    if (fault.what === "interrupt") this.interruption.abort();
    else if (fault.what === "kill") {
      this.dead = true;
      for (const change of this.onItsWay) if (this.next() % 2 === 0) change();
      this.death.resolve();
      await never;
    } else this.diskFull = true;
  }
}

/** Registers as the SDK does: each resource as soon as those that it needs are there. */
class Program {
  private readonly states = new Map<string, Promise<ResourceState>>();

  constructor(
    private readonly wishes: readonly Wish[],
    private readonly fault: Fault,
    private readonly register: (goal: Goal) => Promise<ResourceState>,
  ) {}

  async run(): Promise<void> {
    await this.register({ ...NO_OPTIONS, type: "pulumi:pulumi:Stack", name: "proj-dev", custom: false, inputs: {} });
    await this.register({
      ...NO_OPTIONS,
      type: "test:index:Group",
      name: "group",
      custom: false,
      inputs: {},
      parent: STACK,
    });
    const fails = this.fault.what === "program fails";
    for (const wish of fails ? this.wishes.slice(0, this.fault.after) : this.wishes) {
      const state = this.want(wish);
      state.catch(() => undefined);
      this.states.set(wish.name, state);
    }
    await this.settled();
    if (fails) throw new Error("not my day");
  }

  /** What was asked for is seen through, as the real server does. */
  private async settled(): Promise<void> {
    await Promise.allSettled(this.states.values());
    await Promise.all(this.states.values());
  }

  private async want({ name, size, kind, deleteFirst, needs }: Wish): Promise<ResourceState> {
    const needed = await Promise.all(needs.map((need) => this.states.get(need) ?? Promise.reject(new Error(need))));
    const urns = needed.map(({ urn }) => urn).sort();
    return this.register({
      ...NO_OPTIONS,
      type: typeOfWish(name),
      name,
      custom: true,
      parent: parentOf(name) === "group" ? GROUP : STACK,
      inputs: { size, kind, deleteFirst, from: needed.map(({ id }) => id ?? "") },
      dependencies: urns,
      propertyDependencies: needs.length > 0 ? { from: urns } : {},
    });
  }
}
