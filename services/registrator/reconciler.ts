import { CONTAINER_ID } from "../../contract/service-meta";
import { monotonicMs, wallMs } from "../kit/clock";
import { reason, type Log } from "../kit/log";
import { Backoff, pause, Wake } from "../kit/pause";
import { within } from "../kit/within";
import { applySteps } from "./apply";
import type { ConsulPort } from "./consul";
import type { DockerPort } from "./docker";
import type { ContainerEvent } from "./docker-events";
import { foretell } from "./foretell";
import { StopIntents } from "./intents";
import { Looker } from "./looker";
import type { ActualService, ContainerView } from "./model";
import { NetworkRoles } from "./network-roles";
import { claims, isOwned, plan, type Plan, type Step } from "./plan";
import type { RegistratorMetrics } from "./registrator-metrics";

/** How many containers of a resync are looked at together, so that an event never waits for more. */
const CHUNK = 8;

/** How long a look at everything waits for one container; a healthy Docker answers in some ms. */
const LOOK_MS = 2_000;
/** How long it waits for a list; Docker's client gives up sooner. */
const LIST_MS = 15_000;

export interface ReconcilerOptions {
  stack: string;
  /** A container that still runs so long after its stop signal was not being stopped. */
  intentLimitMs: number;
  /** @default LOOK_MS */
  lookMs?: number;
  /** @default LIST_MS */
  listMs?: number;
  /** Of intervals. @default the monotonic clock */
  now?: () => number;
  /** As Docker stamps its events. @default the wall clock */
  wall?: () => number;
}

/** A container as last seen, and when Docker was asked, by the wall clock. */
interface Sight {
  view: ContainerView;
  atMs: number;
}

/**
 * Keeps Consul true about the stack's containers. Everything that happens only makes registrator look at containers; what is
 * done follows from how Docker shows each of them now.
 * INVARIANTS: one run at a time, and what is seen during a run is taken up in one more; a service is only taken out when
 * Docker has just spoken of its container; nothing is planned before the stop intents are known from Consul.
 */
export class Reconciler {
  private readonly looker: Looker;
  private readonly sights = new Map<string, Sight>();
  /** Seen, and not yet made true. */
  private fresh = new Map<string, ContainerView | undefined>();
  private readonly intents: StopIntents;
  private readonly networks: NetworkRoles;
  private readonly problems = new Map<string, string>();
  private readonly work = new Wake();
  private readonly wish = new Wake();
  private isRoundDone = false;
  private runsBegun = 0;
  private runsEnded = 0;
  private readonly now: () => number;
  private readonly wall: () => number;
  /** When all that was known had been made true, on the monotonic clock; undefined: never yet. */
  lastSuccessMs: number | undefined;

  constructor(
    private readonly options: ReconcilerOptions,
    private readonly docker: DockerPort,
    private readonly consul: ConsulPort,
    private readonly metrics: RegistratorMetrics,
    private readonly log: Log,
    private readonly signal: AbortSignal,
  ) {
    this.now = options.now ?? monotonicMs;
    this.wall = options.wall ?? wallMs;
    this.looker = new Looker(
      (id) => this.docker.inspect(id),
      (id, view, atMs) => this.see(id, view, atMs),
      (containerId, error) => {
        this.metrics.failures.add();
        this.log.warn("docker does not answer for a container; it is left as it is", {
          containerId,
          error: reason(error),
        });
      },
      signal,
      this.wall,
    );
    this.networks = new NetworkRoles(() => this.docker.networkRoles(), log);
    this.intents = new StopIntents(
      { now: this.now, wall: this.wall },
      (containerId) => void this.looker.look(containerId),
      signal,
    );
  }

  /** How long ago all that was known had been made true; undefined: it never was. */
  get successAgeMs(): number | undefined {
    return this.lastSuccessMs === undefined ? undefined : this.now() - this.lastSuccessMs;
  }

  /** An event says where to look, and sometimes what will be seen; of a `kill`, which no list shows, the signal is kept. */
  onEvent(event: ContainerEvent): void {
    const { containerId, action } = event;
    this.metrics.events.add(1, { action: action.split(":")[0] ?? action });
    const sight = this.sights.get(containerId);
    const isNetworkEvent = action === "connect" || action === "disconnect";
    if (isNetworkEvent && sight === undefined) return;
    this.intents.hear(event);
    const seen = this.fresh.get(containerId) ?? sight?.view;
    const foretold = foretell(event, seen, sight?.atMs ?? Infinity, this.wall());
    if (foretold !== undefined) this.see(containerId, foretold, sight?.atMs ?? 0);
    void this.looker.look(containerId);
  }

  /** Asks for a look at everything. */
  resync(): void {
    this.wish.up();
  }

  /** Runs until aborted; a run that has begun is finished. A look changes nothing, and is not waited for. */
  async run(): Promise<void> {
    void this.rounds();
    await this.runs();
  }

  /** Compares Consul with what Docker last showed, without asking Docker: finds an agent that was restarted or wiped. */
  async lookForDrift(): Promise<void> {
    const runs = this.runsBegun;
    if (this.runsEnded !== runs) return;
    const services = await this.consul.services();
    const isBusy = this.runsBegun !== runs || this.runsEnded !== runs || this.fresh.size > 0;
    if (!this.intents.isKnown || isBusy) return;
    // Of a container that Docker does not answer for nothing can be made true, so no difference of it is looked for.
    const answered = [...this.sights].filter(([id]) => !this.looker.isLate(id));
    const { steps } = this.planFor(new Map(answered.map(([id, { view }]) => [id, view])), services);
    if (steps.length === 0) return;
    this.metrics.drift.add(steps.length);
    this.log.warn("consul is not as it was left; looking at everything", { steps: steps.length, first: steps[0] });
    this.resync();
  }

  private see(containerId: string, view: ContainerView | undefined, atMs: number): void {
    if (view === undefined) this.sights.delete(containerId);
    else this.sights.set(containerId, { view, atMs });
    this.fresh.set(containerId, view);
    this.work.up();
  }

  private async runs(): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    while (!this.signal.aborted) {
      await this.work.wait(this.signal);
      const taken = this.fresh;
      this.fresh = new Map();
      this.runsBegun += 1;
      try {
        await this.runOnce(taken);
        backoff.reset();
      } catch (error) {
        this.metrics.failures.add();
        this.fresh = new Map([...taken, ...this.fresh]);
        const delayMs = backoff.next();
        this.log.error("a run failed; what it was to make true is tried again", { error: reason(error), delayMs });
        await pause(delayMs, this.signal);
        this.work.up();
      } finally {
        this.runsEnded += 1;
      }
    }
  }

  /** Looks at everything that Docker has, Consul has, or is remembered. */
  private async rounds(): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    while (!this.signal.aborted) {
      await this.wish.wait(this.signal);
      try {
        await this.round();
        this.isRoundDone = true;
        this.work.up();
        backoff.reset();
      } catch (error) {
        this.metrics.failures.add();
        const delayMs = backoff.next();
        this.log.error("a look at everything failed; nothing is taken out", { error: reason(error), delayMs });
        await pause(delayMs, this.signal);
        this.wish.up();
      }
    }
  }

  /** A container that Docker does not answer for in time is left as it is: it holds up no other, in no later round either. */
  private async round(): Promise<void> {
    const ids = await this.allIds();
    const answered: boolean[] = [];
    for (let at = 0; at < ids.length; at += CHUNK) {
      const chunk = ids.slice(at, at + CHUNK);
      answered.push(
        ...(await Promise.all(chunk.map((id) => this.looker.lookWithin(id, this.options.lookMs ?? LOOK_MS)))),
      );
    }
    const without = answered.filter((isAnswered) => !isAnswered).length;
    this.metrics.unanswered.set(without);
    if (without > 0 && without === ids.length) throw new Error(`docker answers for none of ${without} containers`);
  }

  private async allIds(): Promise<string[]> {
    const limitMs = this.options.listMs ?? LIST_MS;
    const [listed, services] = await Promise.all([
      within(limitMs, "docker's list of containers", this.docker.list()),
      within(limitMs, "consul's services", this.consul.services()),
      within(limitMs, "consul's stop intents", this.syncIntents()),
      this.networks.refresh(limitMs),
    ]);
    const owned = services.filter((service) => isOwned(this.options.stack, service));
    const ofServices = owned.map((service) => service.meta[CONTAINER_ID] ?? "");
    return [...new Set([...listed, ...ofServices, ...this.sights.keys(), ...this.intents.held.keys()])].filter(Boolean);
  }

  private async syncIntents(): Promise<void> {
    this.intents.sync(await this.consul.intents());
  }

  private async runOnce(seen: ReadonlyMap<string, ContainerView | undefined>): Promise<void> {
    const began = this.now();
    if (!this.intents.isKnown) await this.syncIntents();
    for (const [id, view] of seen) {
      if (!this.intents.take(id, view)) continue;
      this.log.info("asked to stop: out of rotation until it ends", { container: view?.name, containerId: id });
    }
    const [services, scope] = await Promise.all([this.consul.services(), this.networks.learn(seen)]);
    const { steps, problems } = this.planFor(scope, services);
    this.tell(scope.keys(), problems);
    await applySteps(steps, (step) => this.applyOne(step));
    this.metrics.reconciles.add();
    this.metrics.reconcileSeconds.set((this.now() - began) / 1000);
    this.metrics.containers.set(this.sights.size);
    this.metrics.stopping.set(this.intents.held.size);
    if (!this.isRoundDone || this.fresh.size > 0) return;
    this.lastSuccessMs = this.now();
    this.metrics.lastSuccess.set(this.wall() / 1000);
  }

  private planFor(scope: ReadonlyMap<string, ContainerView | undefined>, services: ActualService[]): Plan {
    const views = [...this.sights.values()].map(({ view }) => view);
    return plan({
      stack: this.options.stack,
      nowMs: this.now(),
      intentLimitMs: this.options.intentLimitMs,
      scope,
      claims: claims(this.options.stack, views, this.networks.known),
      networkRoles: this.networks.known,
      services,
      intents: this.intents.held,
      storedIntents: this.intents.stored,
    });
  }

  /** A problem is said once, and once more when it is over. */
  private tell(scope: Iterable<string>, problems: ReadonlyMap<string, string[]>): void {
    for (const containerId of scope) {
      const text = problems.get(containerId)?.join("; ");
      if (text === this.problems.get(containerId)) continue;
      const container = this.sights.get(containerId)?.view.name;
      if (text === undefined) {
        this.problems.delete(containerId);
        this.log.info("problem over", { container, containerId });
      } else {
        this.problems.set(containerId, text);
        this.log.error("not registered as asked", { container, containerId, problem: text });
      }
    }
    this.metrics.problems.set(this.problems.size);
  }

  private async applyOne(step: Step): Promise<void> {
    await this.consul.apply(step);
    if (step.kind === "store-intent") this.intents.isStored(step.containerId);
    if (step.kind === "clear-intent") this.intents.isCleared(step.containerId);
    this.metrics.steps.add(1, { kind: step.kind });
    if (step.kind !== "register") {
      this.log.info(step.kind, { ...step, kind: undefined });
      return;
    }
    const { id, address, port, meta } = step.registration;
    const { checkStatus, why } = step;
    this.log.info("register", { serviceId: id, address, port, checkStatus, why, containerId: meta[CONTAINER_ID] });
  }
}
