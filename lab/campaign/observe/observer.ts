import type Docker from "dockerode";
import { z } from "zod";
import { type Applied, appliedKey, desiredKey } from "../../../contract/consul-kv";
import { ROLE_LABEL, STACK_LABEL } from "../../../contract/labels";
import { pause } from "../../../services/kit/pause";
import { nowMs } from "../load/clock";
import type { Happening, Moment } from "./moments";
import type { ReloaderLine } from "./reloader-log";

const event = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.object({ signal: z.string().optional() }) }),
});
const EVENTS = ["start", "die", "kill", "health_status"];
const STOP_SIGNAL = "15";

const passing = z.array(z.object({ Service: z.object({ Meta: z.record(z.string()) }) }));
const members = z.object({ members: z.array(z.object({ containerId: z.string() })) });

/** Watches Docker's events and Consul's blocking queries, and notes what happens to the stack's replicas. */
export class Observer implements AsyncDisposable {
  readonly moments: Moment[] = [];
  private readonly idsByName = new Map<string, string>();
  private readonly over = new AbortController();
  private readonly watching: Promise<unknown>[];
  private events: NodeJS.ReadableStream | undefined;

  constructor(
    private readonly docker: Docker,
    private readonly stack: string,
    private readonly consulPort: number,
  ) {
    this.watching = [
      this.watchDocker(),
      this.watchConsul("/v1/health/service/wordpress?passing", this.registered()),
      this.watchConsul(`/v1/kv/${desiredKey(stack)}?raw`, this.wanted()),
      this.watchConsul(`/v1/kv/${appliedKey(stack)}?raw`, this.applied()),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.over.abort();
    (this.events as unknown as { destroy(): void } | undefined)?.destroy();
    await Promise.all(this.watching);
  }

  /** Adds what the reloader's log says of configurations that became current. */
  noteRendered(lines: readonly ReloaderLine[]): void {
    for (const { message, time, members: names } of lines) {
      if (message !== "current") continue;
      for (const name of names ?? []) {
        const id = this.idsByName.get(name);
        if (id !== undefined) this.note("rendered", id, Date.parse(time));
      }
    }
  }

  private note(what: Happening, containerId: string, atMs = nowMs()): void {
    this.moments.push({ what, containerId, atMs });
  }

  private async watchDocker(): Promise<void> {
    const label = [`${STACK_LABEL}=${this.stack}`, `${ROLE_LABEL}=wordpress`];
    while (!this.over.signal.aborted) {
      try {
        const stream = await this.docker.getEvents({ filters: { type: ["container"], event: EVENTS, label } });
        this.events = stream;
        let rest = "";
        for await (const chunk of stream) {
          const lines = (rest + String(chunk)).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines.filter(Boolean)) this.onEvent(line);
        }
      } catch {
        // the daemon is being restarted, or the campaign is over
      }
      await pause(100, this.over.signal);
    }
  }

  private onEvent(line: string): void {
    const { Action, Actor, timeNano } = event.parse(JSON.parse(line));
    const atMs = timeNano / 1e6;
    if (Action === "start") this.note("started", Actor.ID, atMs);
    if (Action === "die") this.note("ended", Actor.ID, atMs);
    if (Action === "health_status: healthy") this.note("healthy", Actor.ID, atMs);
    if (Action === "kill" && Actor.Attributes.signal === STOP_SIGNAL) this.note("stopping", Actor.ID, atMs);
  }

  /** Follows one of Consul's answers by blocking queries, through a Consul that is down or has forgotten everything. */
  private async watchConsul(path: string, changed: (answer: unknown) => void): Promise<void> {
    let index = 0;
    while (!this.over.signal.aborted) {
      try {
        const separator = path.includes("?") ? "&" : "?";
        const url = `http://127.0.0.1:${this.consulPort}${path}${separator}index=${index}&wait=30s`;
        const answer = await fetch(url, { signal: this.over.signal });
        const next = Number(answer.headers.get("x-consul-index") ?? 0);
        const isNew = next !== index;
        index = next < index ? 0 : next;
        if (answer.ok && isNew) changed(await answer.json());
        else await answer.arrayBuffer();
        if (!answer.ok) await pause(100, this.over.signal);
      } catch {
        index = 0;
        await pause(100, this.over.signal);
      }
    }
  }

  private registered(): (answer: unknown) => void {
    let known = new Set<string>();
    return (answer) => {
      const ids = passing.parse(answer).map(({ Service }) => {
        const id = Service.Meta["container-id"] ?? "";
        this.idsByName.set(Service.Meta["container-name"] ?? "", id);
        return id;
      });
      for (const id of ids) if (!known.has(id)) this.note("registered", id);
      known = new Set(ids);
    };
  }

  private wanted(): (answer: unknown) => void {
    let known = new Set<string>();
    return (answer) => {
      const ids = idsOf(answer);
      for (const id of ids) if (!known.has(id)) this.note("wanted", id);
      known = new Set(ids);
    };
  }

  private applied(): (answer: unknown) => void {
    let known = new Set<string>();
    let unsettled = new Set<string>();
    return (answer) => {
      const ids = idsOf(answer);
      const { at, retired } = answer as Applied;
      const atMs = Date.parse(at);
      for (const id of ids.filter((one) => !known.has(one))) {
        this.note("serving", id, atMs);
        unsettled.add(id);
      }
      for (const id of known) if (!ids.includes(id)) this.note("unrouted", id, atMs);
      if (retired) {
        for (const id of unsettled) this.note("retired", id, atMs);
        unsettled = new Set();
      }
      known = new Set(ids);
    };
  }
}

const idsOf = (answer: unknown): string[] => members.parse(answer).members.map(({ containerId }) => containerId);
