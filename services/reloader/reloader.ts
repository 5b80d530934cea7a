import type { Applied, Desired } from "../../contract/consul-kv";
import { realClock, wallMs, type Clock } from "../kit/clock";
import { reason, type Log } from "../kit/log";
import { Wake } from "../kit/pause";
import type { FilesPort } from "./files";
import type { Generation } from "./generation";
import type { NginxPort } from "./nginx";
import { appliedOf, isAllNew, judge, RETRY_REJECTED_MS, RETRY_UNREACHABLE_MS, type Rejected } from "./plan";
import { ReloadGate } from "./reload-gate";
import type { ReloaderMetrics } from "./reloader-metrics";
import { Retirement, type Worker } from "./retirement";

/** How long a new worker may take to answer after HUP. */
const FOLLOW_LIMIT_MS = 5_000;
const FOLLOW_POLL_MS = 3;
/** Interval of passes without a poke. */
const TICK_MS = 1_000;
/** Interval of checking the old workers while there are any. */
const RETIRE_POLL_MS = 150;
/** Interval of checking an nginx that is starting. */
const START_POLL_MS = 200;

/** How long old workers may still answer after a new one has. */
const LINGER_MS = 1_000;

/** How long a list of containers is reused: an nginx started since then reads `current` by itself. */
const LIST_FRESH_MS = 1_500;

/** nginx's state before a reload: its processes, as Docker lists them, and its answers. */
interface NginxSnapshot {
  containers: string[];
  answers: string[];
  /**
   * Docker's answer if it has arrived, else the last known workers, so that a reload does not wait for Docker. undefined: Docker could
   * not list them (its host has no `ps`, for example).
   */
  workers: () => Promise<Worker[] | undefined>;
}

/** Receives the reloader's reports about nginx. */
export interface Announcer {
  /** @param newest whether no newer configuration is being installed */
  publish(applied: Omit<Applied, "at">, newest: boolean): void;
  /** Another configuration is being installed from now on. */
  installing(): void;
}

/** How many probes are sent at a time: old and new workers may both answer. */
const PROBES = 4;

/**
 * Makes nginx run what consul-template rendered last, and reports what nginx runs.
 * INVARIANTS: `current` always names a configuration that `nginx -t` has accepted; it is swapped only while no reload is in
 * progress (nginx reads several files, which must be of one generation); nothing waits for Consul, and only `ReloadGate` for old workers.
 */
export class Reloader {
  private rejected: Rejected | undefined;
  private refused: string | undefined;
  private notFollowed: string | undefined;
  private readonly retirement = new Retirement();
  private readonly gate: ReloadGate;
  private comparedAtMs = -Infinity;
  private listed: { ids: string[]; atMs: number } = { ids: [], atMs: -Infinity };
  private lastWarning = "";
  private readonly pokes = new Wake();
  private candidate: Generation | undefined;
  current: Generation | undefined;

  constructor(
    private readonly files: FilesPort,
    private readonly nginx: NginxPort,
    private readonly announcer: Announcer,
    private readonly metrics: ReloaderMetrics,
    private readonly log: Log,
    private readonly clock: Clock = realClock,
  ) {
    this.gate = new ReloadGate(nginx, this.retirement, metrics, log, () => this.clock.now());
  }

  /** The desired set as the current configuration has it; undefined: it was rendered without one. */
  get served(): Desired | undefined {
    const { current } = this;
    if (current === undefined || current.desired === 0) return undefined;
    return {
      generation: current.desired,
      members: current.members.map(({ name, containerId }) => ({ name, containerId })),
    };
  }

  /** Whether the newest candidate has all members of the current configuration. */
  get isCatalogBack(): boolean {
    const ids = new Set(this.candidate?.members.map(({ containerId }) => containerId));
    return this.current?.members.every(({ containerId }) => ids.has(containerId)) ?? false;
  }

  /** Something was rendered: start a pass at once, or right after the one in progress. */
  poke(): void {
    this.pokes.up();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs = TICK_MS;
      try {
        waitMs = await this.pass(signal);
      } catch (error) {
        this.metrics.failures.add();
        this.log.error("a pass failed; retrying", { error: reason(error) });
      }
      await this.pokes.wait(signal, waitMs);
    }
  }

  /** Checks everything once and acts on it; returns when the next pass is due without a poke, in ms. */
  async pass(signal: AbortSignal): Promise<number> {
    const began = this.clock.now();
    this.current ??= await this.files.current();
    const seen = await this.install();
    const current = this.current;
    if (current === undefined) return TICK_MS;

    const containers = seen?.containers ?? (await this.list());
    this.metrics.nginxContainers.set(containers.length);
    if (containers.length === 0) return TICK_MS;
    const serving = this.judgeServing(seen?.answers ?? (await this.nginx.serving(PROBES)), current.hash);
    this.metrics.answers.set(serving === undefined ? 0 : 1);
    if (serving === undefined) {
      this.warnOnce("nginx does not answer on its status socket yet", { current: current.hash });
      return START_POLL_MS;
    }
    this.lastWarning = "";
    if (serving !== current.hash) {
      const waitMs = await this.gate.waitMs(containers, serving, current);
      if (waitMs > 0) return Math.min(waitMs, TICK_MS);
      const snapshot = seen ?? (await this.look());
      if (await this.reload(snapshot, serving, current, signal)) {
        this.metrics.reloadSeconds.set((this.clock.now() - began) / 1000);
        this.announce(current, false);
        return RETIRE_POLL_MS;
      }
    } else {
      this.notFollowed = undefined;
    }
    return this.watch(containers, serving);
  }

  /** The generation that nginx serves; when old and new workers both answer, the new ones count. */
  private judgeServing(answers: string[], wanted: string): string | undefined {
    const { last } = this.gate;
    const lingering = last?.followed === true && last.to === wanted && this.clock.now() - last.atMs < LINGER_MS;
    return answers.includes(wanted) || (lingering && answers.length > 0) ? wanted : answers[0];
  }

  /** Checks the newest candidate and makes it current; if so, returns nginx's state before that. */
  private async install(): Promise<NginxSnapshot | undefined> {
    const candidate = await this.files.candidate();
    this.candidate = candidate instanceof Error ? undefined : candidate;
    const verdict = judge(candidate, this.current, this.rejected, this.clock.now());
    if (verdict.kind === "keep") {
      await this.keepOnDisk();
      this.refuse(undefined);
    } else if (verdict.kind === "refuse") {
      this.refuse(verdict.why);
    } else {
      const { generation } = verdict;
      const path = await this.files.stage(generation);
      // A valid configuration becomes current even when Docker does not answer.
      const [objection, snapshot] = await Promise.all([this.nginx.check(path), this.look().catch(() => undefined)]);
      const unreachable = objection ?? (await this.unreachable(generation, snapshot?.containers ?? []));
      if (unreachable !== undefined) {
        const retryMs = objection === undefined ? RETRY_UNREACHABLE_MS : RETRY_REJECTED_MS;
        this.rejected = { hash: generation.hash, why: unreachable, retryAtMs: this.clock.now() + retryMs };
        this.metrics.failures.add();
        this.refuse(unreachable);
        return undefined;
      }
      this.announcer.installing();
      await this.files.commit(generation);
      this.current = generation;
      this.rejected = undefined;
      this.refuse(undefined);
      const { hash, desired, members } = generation;
      this.log.info("current", { configHash: hash, generation: desired, members: members.map(({ name }) => name) });
      return snapshot;
    }
    return undefined;
  }

  /** Writes the current configuration again if it was removed: nginx needs it when it starts or reloads. */
  private async keepOnDisk(): Promise<void> {
    if (this.current === undefined || this.clock.now() - this.comparedAtMs < TICK_MS) return;
    this.comparedAtMs = this.clock.now();
    if ((await this.files.current())?.hash === this.current.hash) return;
    this.log.error("the current configuration was missing in the volume; written again", {
      configHash: this.current.hash,
    });
    await this.files.commit(this.current);
  }

  /** When none of the candidate's servers is known to work, nginx must reach at least one: returns an error if it does not. */
  private async unreachable(candidate: Generation, containers: string[]): Promise<string | undefined> {
    if (containers.length === 0 || !isAllNew(candidate, this.current)) return undefined;
    const addresses = candidate.members.map(({ address }) => address);
    const reachable = await this.nginx.reachable(containers, addresses);
    return reachable.length > 0 ? undefined : `nginx can reach no server of the candidate: ${addresses.join(", ")}`;
  }

  private async list(): Promise<string[]> {
    const ids = await this.nginx.containers();
    this.listed = { ids, atMs: this.clock.now() };
    return ids;
  }

  private async look(): Promise<NginxSnapshot> {
    const isFresh = this.clock.now() - this.listed.atMs < LIST_FRESH_MS && this.listed.ids.length > 0;
    const containers = isFresh ? this.listed.ids : await this.list();
    let seen: Worker[] | undefined;
    const asked = this.nginx.workers(containers).then(
      (workers) => (seen = workers),
      (error: unknown) => {
        this.log.error("docker top does not answer: cannot tell whether older workers have exited", {
          error: reason(error),
        });
        return undefined;
      },
    );
    const answers = await this.nginx.serving(PROBES);
    return { containers, answers, workers: async () => seen ?? this.retirement.known() ?? (await asked) };
  }

  /** Reloads nginx, and waits until a new worker answers. */
  private async reload(
    snapshot: NginxSnapshot,
    from: string,
    current: Generation,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { containers } = snapshot;
    const to = current.hash;
    const workers = await snapshot.workers();
    if (!this.gate.isOpen(workers, from, current)) return false;
    const began = this.clock.now();
    this.retirement.note(workers, from, began);
    this.metrics.reloads.add();
    await this.nginx.reload(containers);
    const toldMs = this.clock.now() - began;
    const isOver = () => signal.aborted || this.clock.now() - began > FOLLOW_LIMIT_MS;
    let followed = false;
    while (!followed && !isOver()) {
      followed = await this.nginx.serves(to);
      if (!followed) await this.clock.pause(FOLLOW_POLL_MS, signal);
    }
    const tookMs = this.clock.now() - began;
    this.gate.last = { to, atMs: this.clock.now(), followed };
    if (followed) {
      if (workers !== undefined) this.retirement.followed(to);
      this.notFollowed = undefined;
      this.log.info("serving", { configHash: to, before: from, toldMs, tookMs, containers });
    } else if (!signal.aborted) {
      this.metrics.failures.add();
      this.notFollowed = `nginx was told to reload, but still serves ${from} after ${tookMs} ms; its log says why`;
      this.log.error("nginx did not reload; its log says why", { configHash: to, serving: from, tookMs, containers });
    }
    return followed;
  }

  /** Checks whether older workers are left, and reports what nginx runs. */
  private async watch(containers: string[], serving: string): Promise<number> {
    const running = serving === this.current?.hash ? this.current : await this.files.read(serving);
    if (running === undefined) {
      this.log.warn("nginx serves an unknown configuration", { serving });
      return TICK_MS;
    }
    let retired = this.retirement.isSettled(serving);
    if (!retired) {
      retired = this.retirement.look(await this.nginx.workers(containers), serving, this.clock.now());
      this.metrics.oldWorkers.set(this.retirement.left);
      if (retired) {
        const keep = new Set([serving, ...(this.current === undefined ? [] : [this.current.hash])]);
        await this.files
          .prune(keep)
          .catch((error: unknown) => this.log.warn("cannot remove old configurations", { error: reason(error) }));
      }
    }
    this.announce(running, retired);
    return retired ? TICK_MS : RETIRE_POLL_MS;
  }

  private announce(running: Generation, retired: boolean): void {
    this.metrics.generation.set(running.desired);
    this.metrics.members.set(running.members.length);
    const trouble = this.refused ?? this.notFollowed;
    if (trouble === undefined) this.metrics.lastSuccess.set(wallMs() / 1000);
    this.announcer.publish(appliedOf(running, retired, trouble), running === this.current);
  }

  private refuse(why: string | undefined): void {
    this.metrics.refused.set(why === undefined ? 0 : 1);
    if (why !== undefined && why !== this.refused) {
      this.log.error("candidate refused; keeping the last good configuration", { why });
    }
    this.refused = why;
  }

  private warnOnce(message: string, fields: Record<string, unknown>): void {
    const text = JSON.stringify([message, fields]);
    if (text !== this.lastWarning) this.log.warn(message, fields);
    this.lastWarning = text;
  }
}
