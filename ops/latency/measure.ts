/** From Docker's event to nginx serving what follows from it: samples of a running stack, one replica stopped and started again and again. */
import type Docker from "dockerode";
import { type Applied, appliedKey } from "../../contract/consul-kv";
import { CANDIDATE, NGINX_DIR } from "../../contract/paths";
import { wallMs } from "../../services/kit/clock";
import { parseApplied } from "../../services/kit/consul-values";
import { dockerClient } from "../../services/kit/docker-client";
import { pause } from "../../services/kit/pause";
import { readKey } from "../kit/consul";
import { inspectAll, listContainers, publishedConsul } from "../kit/containers";
import { execIn } from "../kit/exec";
import { until } from "../kit/until";
import { ContainerEvents, linesSince, type LogLine } from "./docker-events";
import { type Kind, type Sample, STAGES } from "./summary";

/** Docker may be subscribed a moment later than it answers. */
const SUBSCRIBED_MS = 500;

/** The containers that take part: the replica that is stopped and started, and those whose work is timed. */
interface Cast {
  replica: { id: string; name: string };
  consulTemplate: string;
  registrator: string;
  applied: () => Promise<Applied>;
}

/** Takes `count` samples of each kind. @throws Error when the stack does not run with two replicas or more */
export async function measureLatency(
  stack: string,
  count: number,
  onSample: (kind: Kind, number: number, sample: Sample) => void = () => undefined,
): Promise<{ name: string; samples: Record<Kind, Sample[]> }> {
  const docker = dockerClient();
  // Events have no end, and a stop takes as long as the replica drains.
  const unlimited = dockerClient(undefined, 0);
  const cast = await castOf(docker, stack);
  const replica = unlimited.getContainer(cast.replica.id);
  const samples: Record<Kind, Sample[]> = { start: [], healthy: [], kill: [] };
  const add = (kind: Kind, sample: Sample): void => onSample(kind, samples[kind].push(sample), sample);
  using events = await ContainerEvents.of(unlimited, cast.replica.id);
  try {
    await pause(SUBSCRIBED_MS);
    await until("nothing is under way", async () => ((await cast.applied()).retired ? true : undefined));
    for (let turn = 0; turn < count; turn += 1) {
      const stopped = await sampleOf(docker, cast, events, () => replica.stop(), "kill");
      add("kill", stopped.sample);
      const started = await sampleOf(docker, cast, events, () => replica.start(), "health_status: healthy");
      add("healthy", started.sample);
      // The same run, counted from the container's start: what the replica itself takes to be ready comes on top.
      const readyMs = started.atMs - (await events.after("start", started.beganMs));
      add("start", later(started.sample, readyMs));
    }
  } finally {
    await replica.start().catch((error: unknown) => {
      // it runs already
      if ((error as { statusCode?: number }).statusCode !== 304) throw error;
    });
  }
  return { name: cast.replica.name, samples };
}

async function castOf(docker: Docker, stack: string): Promise<Cast> {
  const running = (await listContainers(docker, stack)).filter(({ state }) => state === "running");
  const of = (role: string) => running.filter((one) => one.role === role);
  const [consul] = await inspectAll(docker, of("consul").slice(0, 1));
  const address = publishedConsul(consul);
  const [consulTemplate] = of("consul-template");
  const [registrator] = of("registrator");
  const replicas = of("wordpress");
  const replica = replicas.at(-1);
  if (!consulTemplate || !registrator || address === undefined || replica === undefined || replicas.length < 2)
    throw new Error(`stack ${stack} must run, with two replicas or more`);
  const key = appliedKey(stack);
  const applied = async () => {
    const value = parseApplied(await readKey(address, key));
    if (value === undefined) throw new Error(`Consul's key ${key} does not say what nginx runs`);
    return value;
  };
  return { replica, consulTemplate: consulTemplate.id, registrator: registrator.id, applied };
}

/** Acts on the replica, waits until nginx has followed and its older workers are gone, and says when each stage was reached. */
async function sampleOf(
  docker: Docker,
  { replica, consulTemplate, registrator, applied }: Cast,
  events: ContainerEvents,
  act: () => Promise<unknown>,
  event: "kill" | "health_status: healthy",
): Promise<{ sample: Sample; atMs: number; beganMs: number }> {
  const isWanted = event !== "kill";
  const isDone = ({ members }: Applied) => members.some(({ containerId }) => containerId === replica.id) === isWanted;
  const beganMs = wallMs(); // compared with the stamps of Docker's events and of log lines
  const acted = act();
  const atMs = await Promise.race([events.after(event, beganMs), failureOf(acted)]);
  await until("acknowledged", async () => (isDone(await applied()) ? true : undefined));
  await until("retired", async () => {
    const now = await applied();
    return isDone(now) && now.retired ? true : undefined;
  });
  const rendered = await execIn(docker, consulTemplate, ["stat", "-c", "%.3Y", `${NGINX_DIR}/${CANDIDATE}`]);
  const reloads = await linesSince(docker, consulTemplate, beganMs);
  const registrations = await linesSince(docker, registrator, beganMs);
  await acted;
  const { configHash } = await applied();
  const said = (line: LogLine, message: string) => line.message === message && line.configHash === configHash;
  const since = (line: LogLine | undefined): number => (line === undefined ? NaN : line.time - atMs);
  const told = isWanted ? "register" : "maintenance";
  const sample = {
    healthy: isWanted ? 0 : NaN,
    registered: since(registrations.find(({ message, time }) => message === told && time >= atMs - 1)),
    rendered: Number(rendered) * 1000 - atMs,
    checked: since(reloads.find((line) => said(line, "current"))),
    serving: since(reloads.find((line) => said(line, "serving"))),
    retired: since(reloads.find((line) => said(line, "applied") && line.retired === true)),
  };
  return { sample, atMs, beganMs };
}

/** Settles only when the action fails: its event will not come. */
const failureOf = (acted: Promise<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    acted.catch(reject);
  });

const later = (sample: Sample, ms: number): Sample => {
  const shifted = { ...sample };
  for (const stage of STAGES) shifted[stage] += ms;
  return shifted;
};
