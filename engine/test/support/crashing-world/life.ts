import { deferred } from "../../../src/core/deferred";
import { conduct } from "../../../src/core/deploy";
import { ProviderLostError } from "../../../src/core/grpc-provider";
import { integrityError } from "../../../src/core/integrity";
import { Run, Stopped } from "../../../src/core/run";
import type { EngineEvent, Snapshot } from "../../../src/model";
import { ResourceInitError, UNKNOWN, type JsonObject, type Provider } from "../../../src/provider";
import { foreignId, type Ending, type Plan } from "./plan";
import { Program } from "./program";
import type { Things } from "./things";

const never = new Promise<never>(() => undefined);

/** One run, from its start to its end, or to its death. */
export class Life {
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
    private readonly world: Things,
    private readonly plan: Plan,
  ) {}

  async live(): Promise<Ending> {
    const { kind, parallel, wishes, vanish = [], intrude = [], continueOnError = false } = this.plan;
    const { targets = [], excludes = [], replaces = [], dependents = false } = this.plan;
    intrude.forEach((name) => this.world.intrude(name));
    vanish.forEach((name) => this.world.vanish(name));
    const known = this.world.snapshot.resources.map(({ urn }) => urn);
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
      targetDependents: dependents,
      excludes: excludes.map((name) => `**::${name}`),
      excludeDependents: dependents,
      // Of what does not exist it would be refused.
      replaces: replaces
        .map((name) => `**::${name}`)
        .filter((each) => known.some((urn) => urn.endsWith(each.slice(2)))),
      continueOnError,
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
