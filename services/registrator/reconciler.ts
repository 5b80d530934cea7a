import { CONTAINER_ID } from "../../contract/service-meta";
import { monotonicMs, wallMs } from "../kit/clock";
import { reason, type Log } from "../kit/log";
import { Backoff, pause, Wake } from "../kit/pause";
import { within } from "../kit/within";
import { applySteps } from "./apply";
import type { ConsulPort } from "./consul";
import type { DockerPort } from "./docker";
import type { ContainerEvent } from "./docker-events";
import { predict } from "./predict";
import { StopIntents } from "./intents";
import { Inspector } from "./inspector";
import type { ActualService, ContainerView } from "./model";
import { NetworkRoles } from "./network-roles";
import { claims, isOwned, plan, type Plan, type Step } from "./plan";
import type { RegistratorMetrics } from "./registrator-metrics";

/** How many containers a resync inspects at a time, so that an event waits for no more than these. */
const CHUNK = 8;

/** How long a resync waits for one container; a healthy Docker answers within milliseconds. */
const INSPECT_LIMIT_MS = 2_000;
/** How long a resync waits for a list; Docker's client times out sooner. */
const LIST_LIMIT_MS = 15_000;

export interface ReconcilerOptions {
  stack: string;
  /** A container that still runs this long after its stop signal was not being stopped. */
  intentLimitMs: number;
  /** @default INSPECT_LIMIT_MS */
  inspectLimitMs?: number;
  /** @default LIST_LIMIT_MS */
  listLimitMs?: number;
  /** For intervals. @default the monotonic clock */
  now?: () => number;
  /** For comparing with Docker's timestamps. @default the wall clock */
  wall?: () => number;
}

/** A container's last known state, and the wall-clock time at which Docker was asked. */
interface Snapshot {
  view: ContainerView;
  atMs: number;
}

/**
 * Keeps Consul in step with the stack's containers. Events only trigger inspections; what is done follows from each container's
 * present state.
 * INVARIANTS: one run at a time, and states that arrive during a run are handled in the next; a service is deregistered only when
 * Docker has just reported on its container; nothing is planned before the stop intents have been read from Consul.
 */
export class Reconciler {
  private readonly inspector: Inspector;
  private readonly snapshots = new Map<string, Snapshot>();
  /** States that have not been applied to Consul yet. */
  private fresh = new Map<string, ContainerView | undefined>();
  private readonly intents: StopIntents;
  private readonly networks: NetworkRoles;
  private readonly problems = new Map<string, string>();
  private readonly work = new Wake();
  private readonly resyncRequested = new Wake();
  private hasResynced = false;
  private runsBegun = 0;
  private runsEnded = 0;
  private readonly now: () => number;
  private readonly wall: () => number;
  /** When Consul was last in step with everything known, on the monotonic clock; undefined: never yet. */
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
    this.inspector = new Inspector(
      (id) => this.docker.inspect(id),
      (id, view, atMs) => this.see(id, view, atMs),
      (containerId, error) => {
        this.metrics.failures.add();
        this.log.warn("docker does not answer for a container; it is left unchanged", {
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
      (containerId) => void this.inspector.refresh(containerId),
      signal,
    );
  }

  /** How long ago Consul was last in step with everything known; undefined: never yet. */
  get successAgeMs(): number | undefined {
    return this.lastSuccessMs === undefined ? undefined : this.now() - this.lastSuccessMs;
  }

  /** Requests an inspection, and predicts its result where the event implies one. The signal of a `kill`, which appears in no list, is recorded. */
  onEvent(event: ContainerEvent): void {
    const { containerId, action } = event;
    this.metrics.events.add(1, { action: action.split(":")[0] ?? action });
    const snapshot = this.snapshots.get(containerId);
    const isNetworkEvent = action === "connect" || action === "disconnect";
    if (isNetworkEvent && snapshot === undefined) return;
    this.intents.record(event);
    const seen = this.fresh.get(containerId) ?? snapshot?.view;
    const predicted = predict(event, seen, snapshot?.atMs ?? Infinity, this.wall());
    if (predicted !== undefined) this.see(containerId, predicted, snapshot?.atMs ?? 0);
    void this.inspector.refresh(containerId);
  }

  /** Requests a full resync. */
  resync(): void {
    this.resyncRequested.up();
  }

  /** Runs until aborted, and finishes a run in progress. It does not wait for a resync, which changes nothing. */
  async run(): Promise<void> {
    void this.resyncLoop();
    await this.runLoop();
  }

  /** Compares Consul with the last known states, without asking Docker: detects an agent that was restarted or wiped. */
  async lookForDrift(): Promise<void> {
    const runs = this.runsBegun;
    if (this.runsEnded !== runs) return;
    const services = await this.consul.services();
    const isBusy = this.runsBegun !== runs || this.runsEnded !== runs || this.fresh.size > 0;
    if (!this.intents.isKnown || isBusy) return;
    // Nothing can be applied for a container that Docker does not answer for, so its differences are ignored.
    const answered = [...this.snapshots].filter(([id]) => !this.inspector.isOverdue(id));
    const { steps } = this.planFor(new Map(answered.map(([id, { view }]) => [id, view])), services);
    if (steps.length === 0) return;
    this.metrics.drift.add(steps.length);
    this.log.warn("consul has drifted; resyncing", { steps: steps.length, first: steps[0] });
    this.resync();
  }

  private see(containerId: string, view: ContainerView | undefined, atMs: number): void {
    if (view === undefined) this.snapshots.delete(containerId);
    else this.snapshots.set(containerId, { view, atMs });
    this.fresh.set(containerId, view);
    this.work.up();
  }

  private async runLoop(): Promise<void> {
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
        this.log.error("a run failed; retrying", { error: reason(error), delayMs });
        await pause(delayMs, this.signal);
        this.work.up();
      } finally {
        this.runsEnded += 1;
      }
    }
  }

  /** Inspects every container known to Docker, Consul or this process. */
  private async resyncLoop(): Promise<void> {
    const backoff = new Backoff(100, 2_000);
    while (!this.signal.aborted) {
      await this.resyncRequested.wait(this.signal);
      try {
        await this.resyncOnce();
        this.hasResynced = true;
        this.work.up();
        backoff.reset();
      } catch (error) {
        this.metrics.failures.add();
        const delayMs = backoff.next();
        this.log.error("a resync failed; no service is deregistered; retrying", { error: reason(error), delayMs });
        await pause(delayMs, this.signal);
        this.resyncRequested.up();
      }
    }
  }

  /** A container that Docker does not answer for in time is left unchanged, and delays neither the others nor later resyncs. */
  private async resyncOnce(): Promise<void> {
    const ids = await this.allIds();
    const answered: boolean[] = [];
    for (let at = 0; at < ids.length; at += CHUNK) {
      const chunk = ids.slice(at, at + CHUNK);
      answered.push(
        ...(await Promise.all(
          chunk.map((id) => this.inspector.refreshWithin(id, this.options.inspectLimitMs ?? INSPECT_LIMIT_MS)),
        )),
      );
    }
    const unanswered = answered.filter((isAnswered) => !isAnswered).length;
    this.metrics.unanswered.set(unanswered);
    if (unanswered > 0 && unanswered === ids.length)
      throw new Error(`docker answers for none of the ${unanswered} containers`);
  }

  private async allIds(): Promise<string[]> {
    const limitMs = this.options.listLimitMs ?? LIST_LIMIT_MS;
    const [listed, services] = await Promise.all([
      within(limitMs, "docker's list of containers", this.docker.list()),
      within(limitMs, "consul's services", this.consul.services()),
      within(limitMs, "consul's stop intents", this.syncIntents()),
      this.networks.refresh(limitMs),
    ]);
    const owned = services.filter((service) => isOwned(this.options.stack, service));
    const ofServices = owned.map((service) => service.meta[CONTAINER_ID] ?? "");
    return [...new Set([...listed, ...ofServices, ...this.snapshots.keys(), ...this.intents.held.keys()])].filter(
      Boolean,
    );
  }

  private async syncIntents(): Promise<void> {
    this.intents.sync(await this.consul.intents());
  }

  private async runOnce(seen: ReadonlyMap<string, ContainerView | undefined>): Promise<void> {
    const began = this.now();
    if (!this.intents.isKnown) await this.syncIntents();
    for (const [id, view] of seen) {
      if (!this.intents.take(id, view)) continue;
      this.log.info("asked to stop: in maintenance until it ends", { container: view?.name, containerId: id });
    }
    const [services, scope] = await Promise.all([this.consul.services(), this.networks.learn(seen)]);
    const { steps, problems } = this.planFor(scope, services);
    this.logProblems(scope.keys(), problems);
    await applySteps(steps, (step) => this.applyOne(step));
    this.metrics.reconciles.add();
    this.metrics.reconcileSeconds.set((this.now() - began) / 1000);
    this.metrics.containers.set(this.snapshots.size);
    this.metrics.stopping.set(this.intents.held.size);
    if (!this.hasResynced || this.fresh.size > 0) return;
    this.lastSuccessMs = this.now();
    this.metrics.lastSuccess.set(this.wall() / 1000);
  }

  private planFor(scope: ReadonlyMap<string, ContainerView | undefined>, services: ActualService[]): Plan {
    const views = [...this.snapshots.values()].map(({ view }) => view);
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

  /** Logs a problem once, and once more when it is solved. */
  private logProblems(scope: Iterable<string>, problems: ReadonlyMap<string, string[]>): void {
    for (const containerId of scope) {
      const text = problems.get(containerId)?.join("; ");
      if (text === this.problems.get(containerId)) continue;
      const container = this.snapshots.get(containerId)?.view.name;
      if (text === undefined) {
        this.problems.delete(containerId);
        this.log.info("problem solved", { container, containerId });
      } else {
        this.problems.set(containerId, text);
        this.log.error("not registered as the labels ask", { container, containerId, problem: text });
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
