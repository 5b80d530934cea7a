/** Settings that every container of a stack has in common. */
import * as crypto from "crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONFIG_HASH_LABEL, ROLE_LABEL, STACK_LABEL } from "../contract/labels";
import { DOCKER_SOCKET } from "../contract/paths";

/** The name of a container, network or volume: the stack first, since several stacks live on one host. */
export const stackName = (name: string): string => `${pulumi.getStack()}-${name}`;

/** The labels of a resource of this stack, in the shape of @pulumi/docker. */
export const stackLabels = (
  role: string,
  more: Record<string, pulumi.Input<string>> = {},
): { label: string; value: pulumi.Input<string> }[] =>
  Object.entries({ [STACK_LABEL]: pulumi.getStack(), [ROLE_LABEL]: role, ...more })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, value }));

export interface HealthCheck {
  /** The command, run in the container. */
  command: string[];
  /** Interval from the container's start, or the end of a check, to the next check. @default 2 */
  intervalSeconds?: number;
  /** @default 10 */
  timeoutSeconds?: number;
  /** Failures in a row before the container counts as unhealthy. @default 3 */
  retries?: number;
  /** Grace period after the start in which failures do not count. @default 60 */
  startPeriodSeconds?: number;
}

export interface StackContainerArgs {
  role: string;
  /** Full name of the container. */
  name: string;
  image: pulumi.Input<string>;
  memoryMiB: number;
  networks: pulumi.Input<docker.types.input.ContainerNetworksAdvanced>[];
  /** @default none: the container counts as ready once it runs */
  health?: HealthCheck;
  /** Time from the stop signal to KILL, whether Pulumi, an operator or the ending daemon stops it. @default 10 */
  graceSeconds?: number;
  /** Capabilities to add after all were dropped. @default none */
  capabilities?: string[];
  /** NAME to value; never a secret (decision 13: secrets are files). */
  environment?: Record<string, pulumi.Input<string>>;
  /**
   * Path in the container to content; secrets belong here. Files are owned by root and readable by every process of the container: with
   * another owner, Docker looks the image's user up on the host and fails if it does not exist there.
   */
  files?: Record<string, pulumi.Input<string>>;
  volumes?: pulumi.Input<docker.types.input.ContainerVolume>[];
  labels?: Record<string, pulumi.Input<string>>;
  ports?: docker.types.input.ContainerPort[];
  command?: string[];
  /** Overrides the image's. @default the image's */
  entrypoints?: string[];
  /** Overrides the image's; a name is looked up in the image. @default the image's */
  user?: string;
  /** DNS servers that Docker's own resolver forwards to. */
  dns?: string[];
  /** @default "unless-stopped" */
  restart?: "unless-stopped" | "always";
  /** A one-shot container: only created here, and run by an Installation. @default false */
  oneShot?: boolean;
  /** `up` waits until it is healthy, if it has a health check. @default true */
  wait?: boolean;
}

/** Builds the arguments of a docker.Container: least privilege, a memory limit, bounded logs, restarts, an init process, a health check that `up` waits for. */
export const stackContainer = (
  resourceName: string,
  args: StackContainerArgs,
  options: pulumi.CustomResourceOptions,
): docker.Container => new docker.Container(resourceName, containerArgs(args), options);

/**
 * A hash of a container's arguments without its name: it changes with any plain value, including those that this module sets.
 * All Outputs (secrets, ids) count as equal, so what they depend on must be in `more`.
 */
export const shapeHash = (args: Omit<StackContainerArgs, "name">, more: unknown): string =>
  shortHash(JSON.stringify(plain([containerArgs({ ...args, name: "" }), more])));

/** The value with each Output replaced by `output`. */
function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return "output";
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

function containerArgs(args: StackContainerArgs): docker.ContainerArgs {
  const { health } = args;
  const seconds = (value: number): string => goDuration(value);
  const healthcheck = health && {
    tests: ["CMD", ...health.command],
    interval: seconds(health.intervalSeconds ?? 2),
    timeout: seconds(health.timeoutSeconds ?? 10),
    retries: health.retries ?? 3,
    startPeriod: seconds(health.startPeriodSeconds ?? 60),
  };
  return {
    name: args.name,
    hostname: args.name,
    image: args.image,
    command: args.command,
    entrypoints: args.entrypoints,
    user: args.user,
    envs: Object.entries(args.environment ?? {}).map(([key, value]) =>
      typeof value === "string" ? `${key}=${value}` : pulumi.interpolate`${key}=${value}`,
    ),
    uploads: Object.entries(args.files ?? {}).map(([file, content]) => ({ file, content, permissions: "0444" })),
    // A health check can be changed only with a new container; the provider would "update" it without effect. The label forces a replacement.
    labels: stackLabels(args.role, {
      ...args.labels,
      [CONFIG_HASH_LABEL]: shortHash(JSON.stringify(healthcheck ?? null)),
    }),
    networksAdvanced: args.networks,
    volumes: args.volumes,
    ports: args.ports,
    dns: args.dns,
    healthcheck,
    wait: health !== undefined && args.wait !== false,
    waitTimeout: 120,
    ...(args.oneShot
      ? { start: false, mustRun: false, restart: "no" }
      : {
          restart: args.restart ?? "unless-stopped",
          destroyGraceSeconds: args.graceSeconds ?? 10,
          stopTimeout: args.graceSeconds ?? 10,
        }),
    init: true,
    memory: args.memoryMiB,
    // Equal to the memory limit, which means no swap; the provider shows a permanent difference for any other number.
    memorySwap: args.memoryMiB,
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drops: ["ALL"], adds: (args.capabilities ?? []).map((name) => `CAP_${name}`) },
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  };
}

/** 12 hex digits of a SHA-256. */
export const shortHash = (text: string): string => crypto.createHash("sha256").update(text).digest("hex").slice(0, 12);

/** Seconds in Go's notation, `1m0s` for 60, `200ms` for 0.2: any other spelling shows as a difference at every preview. */
export function goDuration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** Mounts Docker's socket, for roles that read events or send signals, at its usual path in the container. */
export const dockerSocket = (hostPath = DOCKER_SOCKET): { hostPath: string; containerPath: string } => ({
  hostPath,
  containerPath: DOCKER_SOCKET,
});
