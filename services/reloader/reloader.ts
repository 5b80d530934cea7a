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
/** A look at everything, poked or not. */
const TICK_MS = 1_000;
/** A look at the old workers, while there are any. */
const RETIRE_POLL_MS = 150;
/** A look at an nginx that is starting. */
const START_POLL_MS = 200;

/** An old worker may still answer for so long after a new one has. */
const LINGER_MS = 1_000;

/** A list of containers so young is as good as a new one: an nginx that was started since reads `current` by itself. */
const LIST_FRESH_MS = 1_500;

/** nginx as it is before a reload: by its processes, as Docker shows them, and by what it answers. */
interface Sight {
  containers: string[];
  answers: string[];
  /**
   * By now: Docker's answer where it is there, else what was last known, so that no reload waits for Docker. undefined: Docker
   * could not say (its host has no `ps`, for one).
   */
  workers: () => Promise<Worker[] | undefined>;
}

/** Whom the reloader tells what nginx runs. */
export interface Announcer {
  /** @param newest whether no newer configuration is on its way to nginx */
  publish(applied: Omit<Applied, "at">, newest: boolean): void;
  /** Another configuration is on its way to nginx from now on. */
  installing(): void;
}

/** How many workers are asked what they serve: old and new ones may answer together. */
const PROBES = 4;

/**
 * Brings nginx to what consul-template rendered last, and says what nginx runs.
 * INVARIANTS: `current` only ever names a configuration that nginx has checked; it is swapped only while no reload is under
 * way (nginx reads several files, which must be of one generation); nothing waits for Consul or for old workers.
 */
export class Reloader {
  private rejected: Rejected | undefined;
  private refused: string | undefined;
  private notFollowed: string | undefined;
  private readonly retirement = new Retirement();
  private readonly gate: ReloadGate;
  private comparedAtMs = -Infinity;
  private listed: { ids: string[]; atMs: number } = { ids: [], atMs: -Infinity };
  private said = "";
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

  /** Who is wanted, by the current configuration alone; undefined: it was rendered without saying. */
  get served(): Desired | undefined {
    const { current } = this;
    if (current === undefined || current.desired === 0) return undefined;
    return {
      generation: current.desired,
      members: current.members.map(({ name, containerId }) => ({ name, containerId })),
    };
  }

  /** The newest candidate has everybody of the current configuration. */
  get isCatalogBack(): boolean {
    const ids = new Set(this.candidate?.members.map(({ containerId }) => containerId));
    return this.current?.members.every(({ containerId }) => ids.has(containerId)) ?? false;
  }

  /** Something was rendered: look at once, or, during a pass, in one more. */
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
        this.log.error("a pass failed; the next one begins anew", { error: reason(error) });
      }
      await this.pokes.wait(signal, waitMs);
    }
  }

  /** One look at everything, with what follows from it; answers with how long nothing need be done unless poked. */
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
      this.sayOnce("nginx does not answer yet on its status socket", { current: current.hash });
      return START_POLL_MS;
    }
    this.said = "";
    if (serving !== current.hash) {
      const waitMs = await this.gate.waitMs(containers, serving, current);
      if (waitMs > 0) return Math.min(waitMs, TICK_MS);
      const sight = seen ?? (await this.look());
      if (await this.reload(sight, serving, current, signal)) {
        this.metrics.reloadSeconds.set((this.clock.now() - began) / 1000);
        this.announce(current, false);
        return RETIRE_POLL_MS;
      }
    } else {
      this.notFollowed = undefined;
    }
    return this.watch(containers, serving);
  }

  /** What nginx serves; of old and new workers answering together, the new ones count. */
  private judgeServing(answers: string[], wanted: string): string | undefined {
    const { last } = this.gate;
    const lingering = last?.followed === true && last.to === wanted && this.clock.now() - last.atMs < LINGER_MS;
    return answers.includes(wanted) || (lingering && answers.length > 0) ? wanted : answers[0];
  }

  /** From the candidate to `current`; with nginx's processes as they were then, where there is something new. */
  private async install(): Promise<Sight | undefined> {
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
      // Docker not answering keeps no good configuration from becoming current.
      const [objection, sight] = await Promise.all([this.nginx.check(path), this.look().catch(() => undefined)]);
      const unreachable = objection ?? (await this.unreachable(generation, sight?.containers ?? []));
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
      return sight;
    }
    return undefined;
  }

  /** What is current must be there when nginx starts, or is told to reload: somebody may have removed it. */
  private async keepOnDisk(): Promise<void> {
    if (this.current === undefined || this.clock.now() - this.comparedAtMs < TICK_MS) return;
    this.comparedAtMs = this.clock.now();
    if ((await this.files.current())?.hash === this.current.hash) return;
    this.log.error("the current configuration was gone from the volume; it is written again", {
      configHash: this.current.hash,
    });
    await this.files.commit(this.current);
  }

  /** Of a set of which nothing is known to serve, at least one has to be reachable from nginx. */
  private async unreachable(candidate: Generation, containers: string[]): Promise<string | undefined> {
    if (containers.length === 0 || !isAllNew(candidate, this.current)) return undefined;
    const addresses = candidate.members.map(({ address }) => address);
    const reachable = await this.nginx.reachable(containers, addresses);
    return reachable.length > 0 ? undefined : `nginx reaches none of the new set: ${addresses.join(", ")}`;
  }

  private async list(): Promise<string[]> {
    const ids = await this.nginx.containers();
    this.listed = { ids, atMs: this.clock.now() };
    return ids;
  }

  private async look(): Promise<Sight> {
    const isFresh = this.clock.now() - this.listed.atMs < LIST_FRESH_MS && this.listed.ids.length > 0;
    const containers = isFresh ? this.listed.ids : await this.list();
    let seen: Worker[] | undefined;
    const asked = this.nginx.workers(containers).then(
      (workers) => (seen = workers),
      (error: unknown) => {
        this.log.error("docker top does not answer: retirement cannot be seen", { error: reason(error) });
        return undefined;
      },
    );
    const answers = await this.nginx.serving(PROBES);
    return { containers, answers, workers: async () => seen ?? this.retirement.known() ?? (await asked) };
  }

  /** Tells nginx, and waits until a new worker answers. */
  private async reload(sight: Sight, from: string, current: Generation, signal: AbortSignal): Promise<boolean> {
    const { containers } = sight;
    const to = current.hash;
    const workers = await sight.workers();
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
      this.notFollowed = `nginx was told to reload but still serves ${from} after ${tookMs} ms; its log says why`;
      this.log.error("not followed", { configHash: to, serving: from, tookMs, containers });
    }
    return followed;
  }

  /** Looks whether older workers are left, and says what nginx runs. */
  private async watch(containers: string[], serving: string): Promise<number> {
    const running = serving === this.current?.hash ? this.current : await this.files.read(serving);
    if (running === undefined) {
      this.log.warn("nginx serves a configuration that is not known here", { serving });
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
          .catch((error: unknown) => this.log.warn("old configurations stay", { error: reason(error) }));
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
      this.log.error("refused; the last good configuration stays", { why });
    }
    this.refused = why;
  }

  private sayOnce(message: string, fields: Record<string, unknown>): void {
    const text = JSON.stringify([message, fields]);
    if (text !== this.said) this.log.warn(message, fields);
    this.said = text;
  }
}
