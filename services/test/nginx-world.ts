import type { Applied } from "../../contract/consul-kv";
import type { FilesPort } from "../reloader/files";
import { generationOf, type Generation } from "../reloader/generation";
import type { NginxPort } from "../reloader/nginx";
import { Reloader } from "../reloader/reloader";
import { reloaderMetrics } from "../reloader/reloader-metrics";
import type { Worker } from "../reloader/retirement";
import { keptLog, only } from "./fakes";
import { upstreams } from "./upstreams";

export const made = (number: number, addresses = ["10.0.0.1:80"]): Generation =>
  generationOf("worker_shutdown_timeout 70s;", upstreams(number, addresses));

/** A volume, an nginx and a clock, in memory. */
export class World {
  nowMs = 1_000_000;
  candidate: Generation | Error | undefined;
  current: Generation | undefined;
  readonly stored = new Map<string, Generation>();
  objection: string | undefined;
  runs: string | undefined;
  containers = ["nginx-1"];
  /** Each with the number of the reload that started it, and when it was told to shut down. */
  workers: (Worker & { set: number; toldAtMs?: number })[] = [];
  /** How long a worker keeps in-flight requests after it was told to shut down. */
  requestMs = Infinity;
  /** The largest number of sets of older workers that existed at a time. */
  mostOldSets = 0;
  hups = 0;
  obeys = true;
  topFails = false;
  installations = 0;
  probes = 0;
  unreachable: string[] = [];
  readonly published: Omit<Applied, "at">[] = [];
  readonly log = keptLog();
  private pid = 100;
  private set = 0;

  readonly files: FilesPort = only<FilesPort>({
    candidate: () => Promise.resolve(this.candidate),
    current: () => Promise.resolve(this.current),
    read: (hash) => Promise.resolve(this.stored.get(hash)),
    stage: () => Promise.resolve("/staging/nginx.conf"),
    commit: (generation) => {
      this.current = generation;
      this.stored.set(generation.hash, generation);
      return Promise.resolve();
    },
    prune: () => Promise.resolve(),
  });

  readonly nginx: NginxPort = only<NginxPort>({
    check: () => Promise.resolve(this.objection),
    serves: (hash) => Promise.resolve(this.runs === hash),
    serving: () => Promise.resolve(this.runs === undefined ? [] : [this.runs]),
    reachable: (_containers, addresses) => {
      this.probes += 1;
      return Promise.resolve(addresses.filter((address) => !this.unreachable.includes(address)));
    },
    containers: () => Promise.resolve(this.containers),
    workers: () => {
      this.age();
      return this.topFails ? Promise.reject(new Error("ps: not found")) : Promise.resolve(this.workers);
    },
    reload: () => {
      this.hups += 1;
      if (this.obeys) this.start();
      return Promise.resolve();
    },
  });

  readonly reloader = this.another();

  another(): Reloader {
    return new Reloader(
      this.files,
      this.nginx,
      { publish: (one) => this.published.push(one), installing: () => this.installations++ },
      reloaderMetrics(),
      this.log,
      {
        now: () => this.nowMs,
        pause: (ms) => {
          this.nowMs += ms;
          return Promise.resolve();
        },
      },
    );
  }

  /** nginx reads `current`: its old workers begin to shut down, two new ones serve. */
  start(): void {
    this.set += 1;
    const told = this.workers.map((one) => ({ ...one, isShuttingDown: true, toldAtMs: one.toldAtMs ?? this.nowMs }));
    this.workers = [...told, this.fresh(), this.fresh()];
    this.runs = this.current?.hash;
    this.age();
  }

  /** Removes shutting-down workers whose requests have ended. */
  private age(): void {
    this.workers = this.workers.filter(({ toldAtMs }) => this.nowMs - (toldAtMs ?? this.nowMs) < this.requestMs);
    const old = this.workers.filter(({ isShuttingDown }) => isShuttingDown);
    this.mostOldSets = Math.max(this.mostOldSets, new Set(old.map(({ set }) => set)).size);
  }

  async pass(after = 1_000, reloader = this.reloader): Promise<number> {
    this.nowMs += after;
    return reloader.pass(new AbortController().signal);
  }

  /** A site that serves `made(1)`, with no old worker left. */
  async serveA(): Promise<void> {
    this.candidate = made(1);
    await this.pass();
    this.start();
    await this.pass();
    await this.pass();
  }

  get last(): Omit<Applied, "at"> | undefined {
    return this.published.at(-1);
  }

  private fresh() {
    this.pid += 1;
    return { pid: String(this.pid), isShuttingDown: false, set: this.set };
  }
}
