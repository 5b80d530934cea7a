/** Checks of the host, before anything changes: whether its Docker has room for the stack. */
import { existsSync } from "fs";
import * as net from "net";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { ROLE_LABEL, STACK_LABEL } from "../contract/labels";
import { connect, engineAddress, socketToMount, type EngineInfo } from "./docker-engine";
import { refusal } from "./refusal";
import type { Settings } from "./settings";
import { blockOf, overlap } from "./subnet";

/** Another network or container of this host. */
export interface Neighbour {
  id?: string;
  /** Shown in the error. */
  name: string;
  /** A container's state as Docker names it: running, exited, … */
  state?: string;
  stack?: string;
  subnets?: string[];
  /** Published host ports. */
  ports?: { ip: string; port: number }[];
  /** Only for a replica of WordPress. */
  revision?: string;
}

/** The resources of Docker's machine, and what runs there. */
export interface Host {
  neighbours: Neighbour[];
  /** The total memory of Docker's machine. */
  memoryMiB: number;
  /** Docker's socket, for the containers that use it. @default /var/run/docker.sock */
  dockerSocket?: string;
}

/**
 * The memory that a new revision needs while it starts beside the old one; undefined when no other revision runs. Pure.
 * @returns the message, and whether the host may be too small
 */
export function revisionNotice(
  revision: string,
  stack: string,
  replicas: number,
  replicaMiB: number,
  host: Host,
): { text: string; isTight: boolean } | undefined {
  const old = host.neighbours.filter((one) => one.stack === stack && one.revision && one.revision !== revision);
  if (old.length === 0) return undefined;
  const both = old.length + replicas;
  const isTight = both * replicaMiB > host.memoryMiB;
  const from = [...new Set(old.map((one) => one.revision))].join(", ");
  return {
    isTight,
    text:
      `revision ${revision} of WordPress replaces ${from}: its ${replicas} replicas start beside the ${old.length} running ones, which are removed once all new ones are routed. ` +
      `Until then there is room needed for ${both} replicas: up to ${replicas * replicaMiB} MiB more memory, ${both * replicaMiB} MiB in all, of this host's ${host.memoryMiB} MiB` +
      (isTight ? ". That may be too little: lower wordpressReplicas or wordpressMemoryMiB for the update" : ""),
  };
}

/** @returns one line for each conflict: key, value, who uses it already, what to do. Pure. */
export function conflicts(settings: Settings, stack: string, project: string, neighbours: Neighbour[]): string[] {
  const lines: string[] = [];
  const others = neighbours.filter((neighbour) => neighbour.stack !== stack);
  for (const [role, subnet] of Object.entries(settings.networks)) {
    for (const other of others) {
      const taken = (other.subnets ?? []).find((cidr) => {
        const block = blockOf(cidr);
        return block !== undefined && overlap(subnet, block);
      });
      if (taken !== undefined) {
        lines.push(
          `${project}:${role}Subnet is ${subnet.cidr}: Docker's network ${other.name} has ${taken}; choose one that does not overlap it`,
        );
      }
    }
  }
  for (const { key, ip, port } of published(settings)) {
    const other = others.find((neighbour) =>
      (neighbour.ports ?? []).some((binding) => binding.port === port && sameAddress(binding.ip, ip)),
    );
    if (other !== undefined) {
      lines.push(
        `${project}:${key} is ${port}: port ${port} on ${ip} is taken by container ${other.name}; choose another port`,
      );
    }
  }
  return lines;
}

const published = (settings: Settings): { key: string; ip: string; port: number }[] => [
  { key: "httpPort", ip: settings.publish.address, port: settings.publish.httpPort },
  { key: "consulPort", ip: "127.0.0.1", port: settings.publish.consulPort },
];
const sameAddress = (a: string, b: string): boolean =>
  a === b || [a, b].some((ip) => ["0.0.0.0", "::", ""].includes(ip));

/**
 * Queries Docker and the host.
 * @throws pulumi.RunError when Docker does not answer, or a subnet or port of the stack is taken
 */
export async function checkHost(settings: Settings): Promise<Host> {
  const provider = new pulumi.Config("docker");
  const address = engineAddress({ host: provider.get("host"), context: provider.get("context") });
  const stack = pulumi.getStack();
  let neighbours: Neighbour[];
  let info: EngineInfo & { MemTotal?: number };
  try {
    const docker = connect(address);
    [neighbours, info] = await Promise.all([readNeighbours(docker), docker.info() as Promise<typeof info>]);
  } catch (error) {
    const rootless = `${process.env.XDG_RUNTIME_DIR ?? ""}/docker.sock`;
    const hint =
      rootless !== "/docker.sock" && address.url !== `unix://${rootless}` && existsSync(rootless)
        ? `a rootless engine has its socket at ${rootless}: docker context use rootless, or export DOCKER_HOST=unix://${rootless}`
        : "start it, or select another engine with DOCKER_HOST";
    throw refusal(
      `Docker does not answer at ${address.url} (${(error as Error).message}): ${hint}. Nothing was changed.`,
    );
  }
  const dockerSocket = socketToMount(address, info);
  const lines = conflicts(settings, stack, pulumi.getProject(), neighbours);
  for (const { key, ip, port } of published(settings)) {
    const known = neighbours.some((neighbour) => (neighbour.ports ?? []).some((binding) => binding.port === port));
    const reason = known ? undefined : await bindError(ip, port);
    if (reason !== undefined) lines.push(`${pulumi.getProject()}:${key} is ${port}: ${reason}`);
  }
  if (lines.length > 0) {
    throw refusal(
      `this host has no room for the stack, nothing was changed:\n${lines.map((line) => `  - ${line}`).join("\n")}`,
    );
  }
  return { neighbours, memoryMiB: Math.floor((info.MemTotal ?? Infinity) / 2 ** 20), dockerSocket };
}

/** Reports, at `preview` too, the memory that a new revision needs while it starts beside the old one. */
export async function announceRevision(
  wordpress: pulumi.Resource & { revision: string; replicas: unknown[] },
  replicaMiB: number,
  host: Host,
): Promise<void> {
  const notice = revisionNotice(wordpress.revision, pulumi.getStack(), wordpress.replicas.length, replicaMiB, host);
  if (notice !== undefined) await pulumi.log[notice.isTight ? "warn" : "info"](notice.text, wordpress);
}

async function readNeighbours(docker: Docker): Promise<Neighbour[]> {
  const [networks, containers] = await Promise.all([docker.listNetworks(), docker.listContainers({ all: true })]);
  return [
    ...networks.map((network) => ({
      id: network.Id,
      name: network.Name,
      stack: network.Labels?.[STACK_LABEL],
      subnets: (network.IPAM?.Config ?? []).flatMap((config) => (config.Subnet === undefined ? [] : [config.Subnet])),
    })),
    ...containers.map((container) => ({
      id: container.Id,
      state: container.State,
      name: (container.Names[0] ?? container.Id).replace(/^\//, ""),
      stack: container.Labels[STACK_LABEL],
      revision: isRunning(container)
        ? replicaRevision(container.Names[0] ?? "", container.Labels[ROLE_LABEL])
        : undefined,
      ports: container.Ports.flatMap((port) => (port.PublicPort ? [{ ip: port.IP, port: port.PublicPort }] : [])),
    })),
  ];
}

/** The containers that `docker ps` shows. */
const isRunning = ({ State }: Docker.ContainerInfo): boolean => ["running", "paused", "restarting"].includes(State);

/** `<stack>-wordpress-<revision>-<index>` */
const replicaRevision = (name: string, role: string | undefined): string | undefined =>
  role === "wordpress" ? /-wordpress-(\w+)-\d+$/.exec(name)?.[1] : undefined;

/** Why the port cannot be bound on this host; undefined when it can. */
function bindError(ip: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE")
        resolve(`port ${port} on ${ip} is taken by another process; choose another port`);
      else if (error.code === "EADDRNOTAVAIL")
        resolve(`this host does not have the address ${ip}; set bindAddress to one that it has`);
      else resolve(undefined); // Docker has other permissions than this process: it may still succeed.
    });
    server.listen({ host: ip, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
