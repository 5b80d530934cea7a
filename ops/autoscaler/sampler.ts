/** Reads the load from what runs: nginx's numbers by the reloader's metrics, the replicas and their CPU by Docker. */
import type Docker from "dockerode";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { monotonicMs } from "../../services/kit/clock";
import { within } from "../../services/kit/within";
import type { Numbers } from "../kit/control-metrics";
import type { CpuSource } from "./cpu";
import type { ReplicaSample, Samples } from "./model";

export interface NginxSource {
  /** @throws Error when it does not answer */
  read(): Promise<Numbers>;
}

export interface ReplicaSource {
  /** The stack's containers of role wordpress, whatever their state. */
  list(): Promise<{ id: string; name: string; isReady: boolean }[]>;
}

/** How long one container's CPU may take to be told; a period has other things to do. */
const CPU_MS = 3_000;
/** How long Docker may take to list the replicas. */
const LIST_MS = 5_000;

interface CpuReading {
  at: number;
  seconds: number;
  isReady: boolean;
}

export class Sampler {
  private inFlight: number[] = [];
  private numbers: Numbers | undefined;
  private numbersBefore: Numbers | undefined;
  private cpuBefore = new Map<string, CpuReading>();

  constructor(
    private readonly nginx: NginxSource,
    private readonly replicas: ReplicaSource,
    private readonly cpu: CpuSource,
    private readonly now: () => number = monotonicMs,
  ) {}

  /** Once a second: how many requests nginx works on at this moment. */
  async glance(): Promise<void> {
    const numbers = await this.nginx.read().catch(() => undefined);
    const active = numbers?.get("nginx_active_requests");
    if (numbers === undefined || active === undefined) return;
    this.inFlight.push(active);
    this.numbers = numbers;
  }

  /** The load since the last call. */
  async take(): Promise<Samples> {
    if (this.inFlight.length === 0) await this.glance();
    const { inFlight, numbers, numbersBefore } = this;
    this.inFlight = [];
    this.numbersBefore = numbers;
    this.numbers = undefined;
    const replicas = await this.takeReplicas();
    return {
      ...(replicas !== undefined && { replicas }),
      ...(inFlight.length > 0 && {
        requestsInFlight: inFlight.reduce((sum, value) => sum + value, 0) / inFlight.length,
      }),
      ...upstreamTime(numbersBefore, numbers),
    };
  }

  /** undefined: Docker does not list them. What was read of each before stays, for the next time. */
  private async takeReplicas(): Promise<ReplicaSample[] | undefined> {
    const list = await within(LIST_MS, "docker's list", this.replicas.list()).catch(() => undefined);
    if (list === undefined) return undefined;
    const readings = new Map<string, CpuReading>();
    const samples = await Promise.all(
      list.map(async ({ id, name, isReady }): Promise<ReplicaSample> => {
        const seconds = await within(CPU_MS, id, this.cpu.seconds(id)).catch(() => undefined);
        if (seconds === undefined) return { name, isReady };
        const reading = { at: this.now(), seconds, isReady };
        readings.set(id, reading);
        const cpuPercent = percentBetween(this.cpuBefore.get(id), reading);
        return { name, isReady, ...(cpuPercent !== undefined && { cpuPercent }) };
      }),
    );
    this.cpuBefore = readings;
    return samples;
  }
}

/** Undefined where the time before is unknown, or was a start-up's; less than before means that the container was restarted. */
function percentBetween(before: CpuReading | undefined, now: CpuReading): number | undefined {
  if (before === undefined || !before.isReady || now.at <= before.at || now.seconds < before.seconds) return undefined;
  return ((now.seconds - before.seconds) / ((now.at - before.at) / 1000)) * 100;
}

/** Counters that became smaller began anew with their container: nothing is known of the time between. */
function upstreamTime(before: Numbers | undefined, now: Numbers | undefined): { upstreamMilliseconds?: number } {
  const grown = (name: string): number =>
    (now?.get(`nginx_upstream_response_seconds_${name}`) ?? NaN) -
    (before?.get(`nginx_upstream_response_seconds_${name}`) ?? NaN);
  const count = grown("count");
  const seconds = grown("sum");
  if (!(count >= 0) || !(seconds >= 0)) return {};
  return { upstreamMilliseconds: count === 0 ? 0 : (seconds / count) * 1000 };
}

/** The stack's containers, as Docker lists them. */
export class DockerReplicas implements ReplicaSource {
  constructor(
    private readonly docker: Docker,
    private readonly stack: string,
  ) {}

  async list(): Promise<{ id: string; name: string; isReady: boolean }[]> {
    const label = [`${STACK_LABEL}=${this.stack}`, `${ROLE_LABEL}=wordpress`];
    const found = await this.docker.listContainers({ all: true, filters: { label } });
    return found.map(({ Id, Names, State, Status }) => ({
      id: Id,
      name: (Names[0] ?? Id).replace(/^\//, ""),
      // "Up 5 minutes (healthy)"; without a health check there is nothing in brackets
      isReady: State === "running" && !/\((unhealthy|health: starting|Paused)\)/.test(Status),
    }));
  }
}
