import type Docker from "dockerode";
import { z } from "zod";
import { ROLE_LABEL, STACK_LABEL } from "../../contract/labels";
import { isGone } from "../kit/docker-client";
import type { ContainerView } from "./model";

/** What the reconciler needs from Docker. Each call returns a complete answer or fails. */
export interface DockerPort {
  /** The ids of the stack's containers, running or not. */
  list(): Promise<string[]>;
  /** The container's present state; undefined only when Docker says that it does not exist. */
  inspect(containerId: string): Promise<ContainerView | undefined>;
  /** The role of each network of the stack, by network id. */
  networkRoles(): Promise<Map<string, string>>;
}

const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Config: z.object({
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string()).nullish(),
    ExposedPorts: z.record(z.unknown()).nullish(),
    StopSignal: z.string().optional(),
  }),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    Dead: z.boolean().optional(),
    StartedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(
      z.object({ NetworkID: z.string(), IPAddress: z.string(), GlobalIPv6Address: z.string().optional() }),
    ),
  }),
});

/** Reduces Docker's inspection to what registrator uses. */
export function viewOf(answer: unknown): ContainerView {
  const { Id, Name, Config, State, NetworkSettings } = inspected.parse(answer);
  return {
    id: Id,
    name: Name.replace(/^\//, ""),
    env: (Config.Env ?? []).filter((line) => line.startsWith("SERVICE_")),
    labels: Config.Labels ?? {},
    exposedPorts: Object.keys(Config.ExposedPorts ?? {}).flatMap(parsePort),
    stopSignal: Config.StopSignal === undefined || Config.StopSignal === "" ? "SIGTERM" : Config.StopSignal,
    startedAt: State.StartedAt,
    running: State.Running && State.Dead !== true,
    paused: State.Paused,
    restarting: State.Restarting,
    health: healthOf(State.Health?.Status),
    networks: Object.entries(NetworkSettings.Networks).map(([networkName, network]) => ({
      networkId: network.NetworkID,
      networkName,
      address: network.IPAddress === "" ? (network.GlobalIPv6Address ?? "") : network.IPAddress,
    })),
  };
}

function parsePort(text: string): ContainerView["exposedPorts"] {
  const [port, protocol = "tcp"] = text.split("/");
  return protocol === "tcp" || protocol === "udp" ? [{ port: Number(port), protocol }] : [];
}

function healthOf(status: string | undefined): ContainerView["health"] {
  if (status === undefined || status === "" || status === "none") return "none";
  return status === "healthy" || status === "starting" ? status : "unhealthy";
}

const networks = z.array(z.object({ Id: z.string(), Labels: z.record(z.string()).nullish() }));

/** Docker's API for one stack. */
export function dockerPort(docker: Docker, stack: string): DockerPort {
  const filters = { label: [`${STACK_LABEL}=${stack}`] };
  return {
    async list() {
      const containers = await docker.listContainers({ all: true, filters });
      return containers.map(({ Id }) => Id);
    },
    async inspect(containerId) {
      try {
        const view = viewOf(await docker.getContainer(containerId).inspect());
        return view.labels[STACK_LABEL] === stack ? view : undefined;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    async networkRoles() {
      const found = networks.parse(await docker.listNetworks({ filters }));
      return new Map(found.map(({ Id, Labels }) => [Id, Labels?.[ROLE_LABEL] ?? ""]));
    },
  };
}
