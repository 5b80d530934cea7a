/** Reads the four truths about a stack's replicas from Docker and Consul. */
import type Docker from "dockerode";
import { z } from "zod";
import { appliedKey, desiredKey } from "../../contract/consul-kv";
import { ROLE_LABEL } from "../../contract/labels";
import { HTTP_PORT } from "../../contract/ports";
import { CONTROL_ROLES } from "../../contract/roles";
import { CONTAINER_ID, CONTAINER_NAME, WORDPRESS_SERVICE } from "../../contract/service-meta";
import { parseApplied, parseDesired } from "../../services/kit/consul-values";
import { inspectAll, listContainers, publishedConsul } from "../kit/containers";
import { askConsul, ConsulSilence, readKey } from "../kit/consul";
import {
  compare,
  type ConsulTruth,
  type ControlContainer,
  type RegisteredService,
  type ReplicaContainer,
  type StatusReport,
} from "./report";

export interface StatusClients {
  docker: Docker;
  /** The address of Consul's API. @default where the stack's Consul is published on this host */
  consulAddress?: string;
}

/** @returns undefined where the stack has no containers @throws Error when Docker does not answer, and for what Consul is not the cause of */
export async function readStatus(stack: string, clients: StatusClients): Promise<StatusReport | undefined> {
  const listed = await listContainers(clients.docker, stack);
  if (listed.length === 0) return undefined;
  const relevant = listed.filter(({ role }) => role === "wordpress" || CONTROL_ROLES.some((one) => one === role));
  const found = await inspectAll(clients.docker, relevant);
  const consul = found.find((one) => roleOf(one) === "consul");
  const address = clients.consulAddress ?? publishedConsul(consul);
  return compare({
    containers: found.filter((one) => roleOf(one) === "wordpress").map((one) => replicaOf(stack, one)),
    controls: controlsOf(stack, found),
    consul: await readConsul(stack, address),
  });
}

const roleOf = (container: Docker.ContainerInspectInfo): string | undefined => container.Config.Labels[ROLE_LABEL];
const nameOf = ({ Name }: Docker.ContainerInspectInfo): string => Name.replace(/^\//, "");
const healthOf = ({ State }: Docker.ContainerInspectInfo): { health?: string } =>
  State.Health === undefined ? {} : { health: State.Health.Status };

const replicaOf = (stack: string, container: Docker.ContainerInspectInfo): ReplicaContainer => ({
  id: container.Id,
  name: nameOf(container),
  state: container.State.Status,
  ...healthOf(container),
  address: `${container.NetworkSettings.Networks[`${stack}-frontend`]?.IPAddress ?? ""}:${HTTP_PORT}`,
});

/** Every role has one: it is `gone` where Docker does not have it. */
function controlsOf(stack: string, found: readonly Docker.ContainerInspectInfo[]): ControlContainer[] {
  const of = (role: ControlContainer["role"]): ControlContainer[] =>
    found
      .filter((one) => roleOf(one) === role)
      .map((one) => ({ name: nameOf(one), role, state: one.State.Status, ...healthOf(one) }));
  const present = CONTROL_ROLES.flatMap(of);
  const gone = CONTROL_ROLES.filter((role) => !present.some((one) => one.role === role));
  return [...present, ...gone.map((role) => ({ name: `${stack}-${role}`, role, state: "gone" }))];
}

async function readConsul(stack: string, address: string | undefined): Promise<ConsulTruth | { silent: string }> {
  const silent = (why: string) => ({
    silent: `Consul does not answer at ${address ?? "any port of this host"} (${why}); nginx serves on with what it has`,
  });
  if (address === undefined) return silent("its port is not published");
  try {
    const [health, desired, applied] = await Promise.all([
      askConsul(address, `/v1/health/service/${WORDPRESS_SERVICE}`),
      readKey(address, desiredKey(stack)),
      readKey(address, appliedKey(stack)),
    ]);
    return truthOf(stack, { health, desired, applied });
  } catch (error) {
    if (error instanceof ConsulSilence) return silent(error.message);
    throw error;
  }
}

/** Consul's answers as texts; undefined where it has none. */
interface Answers {
  health?: string | undefined;
  desired?: string | undefined;
  applied?: string | undefined;
}

/** Consul's answers as `compare` takes them; what cannot be read is said, and counts as absent. */
export function truthOf(stack: string, { health = "[]", desired, applied }: Answers): ConsulTruth {
  const unreadable: string[] = [];
  const read = <Value>(
    what: string,
    text: string | undefined,
    parse: (text: string) => Value | undefined,
    remedy = "",
  ) => {
    const value = text === undefined ? undefined : parse(text);
    if (text !== undefined && value === undefined)
      unreadable.push(`unreadable: ${what} is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}${remedy}`);
    return value;
  };
  const services = read(`Consul's answer for the service ${WORDPRESS_SERVICE}`, health, parseHealth);
  const wanted = read(`Consul's key ${desiredKey(stack)}`, desired, parseDesired, "; the next `up` writes it anew");
  const runs = read(`Consul's key ${appliedKey(stack)}`, applied, parseApplied, "; the reloader writes it anew");
  return {
    services: (services ?? []).map(serviceOf),
    ...(wanted !== undefined && { desired: wanted }),
    ...(runs !== undefined && { applied: runs }),
    unreadable,
  };
}

const healthAnswer = z.array(
  z.object({
    Service: z.object({ ID: z.string(), Meta: z.record(z.string()).nullish() }),
    Checks: z.array(z.object({ CheckID: z.string(), Status: z.string() })),
  }),
);

function parseHealth(text: string): z.infer<typeof healthAnswer> | undefined {
  try {
    return healthAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** One that registrator did not register goes by its own id. */
const serviceOf = ({ Service, Checks }: z.infer<typeof healthAnswer>[number]): RegisteredService => ({
  id: Service.Meta?.[CONTAINER_ID] ?? Service.ID,
  name: Service.Meta?.[CONTAINER_NAME] ?? Service.ID,
  status: statusOf(Checks),
});

/** The worst of a service's checks; maintenance above all. */
function statusOf(checks: { CheckID: string; Status: string }[]): RegisteredService["status"] {
  if (checks.some(({ CheckID }) => CheckID.startsWith("_service_maintenance"))) return "maintenance";
  return (["critical", "warning"] as const).find((status) => checks.some((one) => one.Status === status)) ?? "passing";
}
