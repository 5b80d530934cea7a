/**
 * The stack's present state from Consul, the reloader's record and Docker, for Rollout's provider. These functions are serialised with
 * it: they capture nothing but each other, and load what they need where they run.
 */
import { appliedKey, desiredKey } from "../contract/consul-kv";
import { ROLE_LABEL, STACK_LABEL } from "../contract/labels";
import { CONTROL_ROLES } from "../contract/roles";
import { CONTAINER_ID, WORDPRESS_SERVICE } from "../contract/service-meta";
import { lastLines } from "./last-lines";

export interface RolloutInputs {
  /** The address of Consul's API for this host. */
  consulUrl: string;
  stack: string;
  /** Container name to container id: the exact set to be routed. */
  members: Record<string, string>;
  /** Hash of the desired nginx.conf; see contract/settings-hash.ts. */
  settingsHash: string;
  /** Timeout for new members to become ready. */
  readySeconds: number;
  /** Timeout for nginx to route members that are ready. */
  routedSeconds: number;
  /** Timeout for nginx's older workers to exit after members were removed. */
  retiredSeconds: number;
}

export interface Member {
  name: string;
  containerId: string;
}

/** A record of Rollout (`desired`) or the reloader (`applied`); the last three fields are the reloader's. */
export interface NginxRecord {
  generation: number;
  members: Member[];
  retired?: boolean;
  settingsHash?: string;
  refused?: string;
}

interface KeyRecord {
  Value: string;
  ModifyIndex: number;
}

/** The part of Consul's client that is used here. */
export interface ConsulClient {
  kv: {
    get(options: { key: string; index?: string; wait?: string }): Promise<KeyRecord | undefined>;
    set(key: string, value: string): Promise<boolean>;
  };
  health: {
    service(options: { service: string; passing: boolean }): Promise<{ Service: { Meta: Record<string, string> } }[]>;
  };
}

export const membersOf = (inputs: RolloutInputs): Member[] =>
  Object.entries(inputs.members).map(([name, containerId]) => ({ name, containerId }));

/** Whether both list the same containers, in any order. */
export const isSameSet = (a: Member[], b: Member[]): boolean => {
  const ids = (members: Member[]): string =>
    members
      .map(({ containerId }) => containerId)
      .sort()
      .join();
  return ids(a) === ids(b);
};

/** The entries of the first list whose container is not in the second. */
export const without = (members: Member[], others: Member[]): Member[] =>
  members.filter(({ containerId }) => !others.some((other) => other.containerId === containerId));

export function consulOf(consulUrl: string, timeoutMs: number): ConsulClient {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Consul = require("consul") as new (options: object) => ConsulClient;
  const { hostname, port } = new URL(consulUrl);
  return new Consul({ host: hostname, port: Number(port), timeout: timeoutMs });
}

/** A record of this stack in the key-value store; undefined when it is missing or unreadable. */
export async function readRecord(
  consul: ConsulClient,
  stack: string,
  name: "desired" | "applied",
  index?: string,
): Promise<{ record: NginxRecord | undefined; index: string | undefined }> {
  const key = name === "desired" ? desiredKey(stack) : appliedKey(stack);
  const found = await consul.kv.get({ key, ...(index !== undefined && { index, wait: "5s" }) });
  let record: NginxRecord | undefined;
  try {
    const parsed = JSON.parse(found?.Value ?? "null") as NginxRecord | null;
    if (Array.isArray(parsed?.members) && typeof parsed.generation === "number") record = parsed;
  } catch {
    // Unreadable: treated as missing, and overwritten.
  }
  return { record, index: found === undefined ? undefined : String(found.ModifyIndex) };
}

/** The members that Consul reports as passing: healthy in Docker, registered, and reachable. */
export async function passing(consul: ConsulClient, members: Member[]): Promise<Member[]> {
  const services = await consul.health.service({ service: WORDPRESS_SERVICE, passing: true });
  const ready = services.map(({ Service }) => Service.Meta[CONTAINER_ID]);
  return members.filter(({ containerId }) => ready.includes(containerId));
}

/** One line for each container of the control roles that does not run: without it no change reaches nginx. */
export async function stoppedParts(stack: string): Promise<string[]> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Docker = require("dockerode") as typeof import("dockerode");
  const filters = { label: [`${STACK_LABEL}=${stack}`] };
  const containers = await new Docker({ timeout: 10_000 }).listContainers({ all: true, filters });
  return CONTROL_ROLES.flatMap((role) => {
    const found = containers.filter(({ Labels }) => Labels[ROLE_LABEL] === role);
    const isUp = found.some(({ State, Status }) => State === "running" && !Status.includes("(unhealthy)"));
    if (isUp) return [];
    const status = found.map(({ Names, Status }) => `${(Names[0] ?? "").slice(1)}: ${Status}`);
    return status.length > 0 ? status : [`${role}: Docker has no such container of stack ${stack}`];
  });
}

/** Describes a replica that is not ready: its state, its health check's output, its last log lines. */
export async function describe({ name, containerId }: Member): Promise<{ isHopeless: boolean; lines: string[] }> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- serialised code: a module is loaded where it runs
  const Docker = require("dockerode") as typeof import("dockerode");
  try {
    const container = new Docker({ timeout: 10_000 }).getContainer(containerId);
    const { State, Config, RestartCount } = await container.inspect();
    const health = State.Health?.Status;
    const state = [
      State.Status,
      ...(State.Running && health ? [health] : []),
      ...(State.Running ? [] : [`code ${State.ExitCode}`]),
      ...(State.OOMKilled ? ["out of memory"] : []),
      ...(RestartCount > 0 ? [`restarted ${RestartCount} times`] : []),
    ];
    // null before the first check, whatever the types say
    const checks = State.Health?.Log as { ExitCode: number; Output: string }[] | null | undefined;
    const check = checks?.at(-1);
    const lines = await lastLines(container, Config.Tty);
    return {
      isHopeless: health === "unhealthy" || !State.Running || RestartCount > 2,
      lines: [
        `${name}: ${state.join(", ")}`,
        ...(check === undefined
          ? []
          : [`  last health check (${check.ExitCode}): ${check.Output.trim() || "no output"}`]),
        lines.length === 0 ? "  it printed nothing" : "  its last lines:",
        ...lines.map((line) => `    ${line}`),
      ],
    };
  } catch (error) {
    const isGone = (error as { statusCode?: number }).statusCode === 404;
    return { isHopeless: isGone, lines: [`${name}: ${isGone ? "Docker has no such container" : String(error)}`] };
  }
}

/** Why the stack differs from the inputs at present; undefined: it does not. */
export async function difference(inputs: RolloutInputs): Promise<string | undefined> {
  try {
    const consul = consulOf(inputs.consulUrl, 5_000);
    const members = membersOf(inputs);
    const [desired, applied, ready, stopped] = await Promise.all([
      readRecord(consul, inputs.stack, "desired"),
      readRecord(consul, inputs.stack, "applied"),
      passing(consul, members),
      stoppedParts(inputs.stack),
    ]);
    if (stopped.length > 0) return stopped.join("; ");
    if (!isSameSet(desired.record?.members ?? [], members)) return "Consul has another desired set";
    if (ready.length < members.length) return "not every replica is ready";
    if (!isSameSet(applied.record?.members ?? [], members)) return "nginx routes another set";
    if (applied.record?.settingsHash !== inputs.settingsHash) return "nginx runs other settings";
    return undefined;
  } catch (error) {
    return String(error);
  }
}
