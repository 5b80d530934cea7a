/** A stack's containers and volumes, by the labels that all of them carry. */
import type Docker from "dockerode";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { DOCKER_SOCKET } from "../../contract/paths";
import { CONSUL_PORT } from "../../contract/ports";
import { isGone } from "../../services/kit/docker-client";
import { reason } from "../../services/kit/log";

export interface StackContainer {
  id: string;
  name: string;
  role: string;
  /** `running`, `exited`, … */
  state: string;
}

const labels = (stack: string, role?: string): { label: string[] } => ({
  label: [`${STACK_LABEL}=${stack}`, ...(role === undefined ? [] : [`${ROLE_LABEL}=${role}`])],
});

/** Containers of a stack, running or not, by name. @throws Error when Docker does not answer */
export async function listContainers(docker: Docker, stack: string, role?: string): Promise<StackContainer[]> {
  const listed = await reached(docker.listContainers({ all: true, filters: labels(stack, role) }));
  return listed
    .map(({ Id, Names, Labels, State }) => ({
      id: Id,
      name: (Names[0] ?? Id).replace(/^\//, ""),
      role: Labels[ROLE_LABEL] ?? "",
      state: State,
    }))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** Names of a stack's volumes. @throws Error when Docker does not answer */
export async function listVolumes(docker: Docker, stack: string): Promise<string[]> {
  // Docker answers null where there is none.
  const { Volumes } = await reached<{ Volumes: { Name: string }[] | null }>(
    docker.listVolumes({ filters: labels(stack) }),
  );
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** All that Docker knows of them; one that was removed meanwhile is left out. */
export async function inspectAll(
  docker: Docker,
  containers: readonly { id: string }[],
): Promise<Docker.ContainerInspectInfo[]> {
  const found = await Promise.all(
    containers.map(async ({ id }) => {
      try {
        return await docker.getContainer(id).inspect();
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Where this host reaches the stack's Consul; undefined where it does not run, or publishes no port. */
export function publishedConsul(consul: Docker.ContainerInspectInfo | undefined): string | undefined {
  const port = consul?.NetworkSettings.Ports[`${CONSUL_PORT}/tcp`]?.[0]?.HostPort;
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

/** Names the engine that does not answer; an error status of Docker is an answer. */
async function reached<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (typeof error === "object" && error !== null && "statusCode" in error) throw error;
    const host = process.env.DOCKER_HOST ?? `unix://${DOCKER_SOCKET}`;
    throw new Error(`Docker does not answer at ${host} (${reason(error)}). Start it, or correct DOCKER_HOST.`, {
      cause: error,
    });
  }
}
