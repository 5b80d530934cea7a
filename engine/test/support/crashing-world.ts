/**
 * A world that a deployment changes through a provider in this process, a disk for its state, and a life that can end at any moment:
 * as with SIGKILL, nothing that would have happened afterwards does, but what was on its way may still arrive.
 */
import { conduct } from "../../src/core/deploy";
import { integrityError } from "../../src/core/integrity";
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
  readonly protect?: boolean;
  readonly retain?: boolean;
  /** The name of an earlier wish, whose child it is. */
  readonly under?: string;
  /** What it was called before. */
  readonly was?: string;
  /** Is what somebody else made before ({@link foreignId}). */
  readonly imports?: boolean;
}

/** Of each name there is one thing outside that is nobody's until it is imported. */
export const foreignId = (name: string): string => `foreign-${name}`;

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
  /** Names; empty: all. */
  readonly targets?: readonly string[];
  /** Names of what somebody removes by hand before the run. */
  readonly vanish?: readonly string[];
  /** Names under which another checkout of the program makes something before the run, where there is nothing yet. */
  readonly intrude?: readonly string[];
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
  /** Of the creation that made it. */
  readonly attempt: string;
}

/** Of a Named there can be one of each name, and what a creation left behind is found by it; of a Plain nobody can tell. */
export const typeOfWish = (name: string): string => (name < "c" ? "fake:index:Named" : "fake:index:Plain");
const parentOf = (name: string): "group" | "stack" => (name > "d" ? "group" : "stack");

const placeOf = (name: string): string => (parentOf(name) === "group" ? GROUP : STACK);
const STACK = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev";
const GROUP = "urn:pulumi:dev::proj::test:index:Group::group";
export const urnOfWish = ({ name, under }: Pick<Wish, "name" | "under">): string => {
  const above = under === undefined ? (parentOf(name) === "group" ? "test:index:Group$" : "") : `${typeOfWish(under)}$`;
  return `urn:pulumi:dev::proj::${above}${typeOfWish(name)}::${name}`;
};

const never = new Promise<never>(() => undefined);

export class World {
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

  async run(plan: Plan): Promise<Ending> {
    return new Life(this, plan).live();
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
  private readonly onItsWay = new Set<() => void | Promise<void>>();
  private readonly said: string[] = [];
  private readonly unwanted: string[] = [];

  constructor(
    private readonly world: World,
    private readonly plan: Plan,
  ) {}

  async live(): Promise<Ending> {
    const { kind, parallel, wishes, targets = [], vanish = [], intrude = [] } = this.plan;
    intrude.forEach((name) => this.world.intrude(name));
    vanish.forEach((name) => this.world.vanish(name));
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
      targets: targets.map((name) => `**::${name}`),
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
    const wrong = integrityError(snapshot.resources);
    if (wrong !== undefined) this.world.crimes.push(`saved a broken state: ${wrong}`);
    for (const { id = "", retainOnDelete } of snapshot.resources) {
      this.world.owned.add(id);
      if (retainOnDelete) this.world.retained.add(id);
    }
    try {
      await this.moment();
      if (this.diskFull) throw new Error("no space left on device");
      await this.effect(() => this.world.store(text));
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
    create: ({ urn, inputs, attempt }) =>
      this.call(() => {
        const id = this.world.make(urn, inputs, attempt?.name ?? "");
        return { id, outputs: { ...inputs, made: id } };
      }),
    read: async ({ id, inputs }) => {
      await this.wait();
      const thing = this.world.things.get(id);
      return thing
        ? { id, inputs: inputs ? thing.inputs : { ...thing.inputs }, outputs: { ...thing.inputs, made: id } }
        : { id: "", outputs: {} };
    },
    update: ({ id, news }) =>
      this.call(() => {
        this.world.change(id, news);
        return { id, outputs: { ...news, made: id } };
      }).then(({ outputs }) => outputs),
    delete: async ({ id }) => {
      this.judge(id);
      await this.call(() => {
        this.world.things.delete(id);
        return undefined;
      });
    },
    discard: async ({ urn, keep, attempt }) => {
      if (!urn.includes("Named")) return "nobody can tell";
      await this.wait();
      for (const [id, thing] of this.world.things) {
        if (thing.attempt === attempt && !keep.has(id)) await this.effect(() => void this.world.things.delete(id));
      }
      return true;
    },
    invoke: () => Promise.reject(new Error("not implemented")),
    cancel: () => undefined,
    close: () => Promise.resolve(),
  };

  /** Whether a deletion that is about to happen is one that must not: of what is protected, to be retained, or nobody's. */
  private judge(id: string): void {
    const { world, plan } = this;
    const known = world.snapshot.resources.filter((state) => state.id === id);
    const crime = (what: string): void => void world.crimes.push(`deleted ${id}, ${what}`);
    if (known.length === 0) crime("which no state knows");
    for (const { urn, protect, retainOnDelete, delete: doomed, dependencies = [] } of known) {
      const name = urn.split("::").pop() ?? "";
      const wish =
        plan.kind === "update" ? plan.wishes.find((each) => each.name === name || each.was === name) : undefined;
      // What was imported again since it was replaced is its later state's: had the run before not ended early, there were no other.
      if (retainOnDelete && (!doomed || world.retaining.get(id) !== false)) crime("which is to be retained");
      if (protect && !doomed && (wish === undefined || wish.protect)) crime("which is protected");
      const named = wish?.imports && id === foreignId(wish.name);
      if (named && !doomed && dependencies.length === 0) crime("which the program imports");
    }
  }

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
  private async effect(change: () => void | Promise<void>): Promise<void> {
    this.onItsWay.add(change);
    await this.wait();
    this.onItsWay.delete(change);
    await change();
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
      const arriving = [...this.onItsWay].filter(() => this.next() % 2 === 0);
      await Promise.all(arriving.map(async (change) => change()));
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

  private async want(wish: Wish): Promise<ResourceState> {
    const { name, size, kind, deleteFirst, needs, protect, retain, under, was, imports } = wish;
    const parent = under === undefined ? undefined : (await this.states.get(under))?.urn;
    const needed = await Promise.all(needs.map((need) => this.states.get(need) ?? Promise.reject(new Error(need))));
    const urns = needed.map(({ urn }) => urn).sort();
    return this.register({
      ...NO_OPTIONS,
      type: typeOfWish(name),
      name,
      custom: true,
      parent: parent ?? placeOf(name),
      ...(protect ? { protect } : {}),
      ...(retain ? { retainOnDelete: retain } : {}),
      ...(was === undefined ? {} : { aliases: [{ name: was, type: typeOfWish(was), parent: placeOf(was) }] }),
      ...(imports ? { importId: foreignId(name) } : {}),
      inputs: { size, kind, deleteFirst, from: needed.map(({ id }) => id ?? "") },
      dependencies: urns,
      propertyDependencies: needs.length > 0 ? { from: urns } : {},
    });
  }
}
