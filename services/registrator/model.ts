/** A container's state, as far as registrator uses it. */
export interface ContainerView {
  id: string;
  /** Without Docker's leading slash. */
  name: string;
  /** `NAME=value` lines. */
  env: string[];
  labels: Record<string, string>;
  exposedPorts: { port: number; protocol: "tcp" | "udp" }[];
  /** A name or a number, as the image gives it ("SIGTERM", "TERM", "15"). */
  stopSignal: string;
  /** RFC 3339. It changes with each start of the container. */
  startedAt: string;
  running: boolean;
  paused: boolean;
  restarting: boolean;
  /** "none": the container has no health check. */
  health: "none" | "starting" | "healthy" | "unhealthy";
  networks: { networkId: string; networkName: string; address: string }[];
}

/** The check that Consul runs against the service. */
export interface CheckDefinition {
  kind: "http" | "tcp";
  /** A URL, or host:port. */
  target: string;
  /** Consul's own notation ("10s"). */
  interval: string;
  timeout: string;
  method?: string;
  deregisterAfter?: string;
  tlsSkipVerify?: boolean;
  /** The state before the first probe. @default "passing", because Docker has just reported the container healthy */
  initialStatus?: CheckStatus;
}

export type CheckStatus = "passing" | "warning" | "critical";

/** A desired service. */
export interface Registration {
  id: string;
  name: string;
  tags: string[];
  meta: Record<string, string>;
  address: string;
  port: number;
  check?: CheckDefinition;
}

/** A service as it is in Consul's agent. */
export interface ActualService {
  id: string;
  name: string;
  tags: string[];
  meta: Record<string, string>;
  address: string;
  port: number;
  /** The state of registrator's check; absent: the service has none. */
  checkStatus?: CheckStatus;
  /** The reason given for maintenance; absent: not in maintenance. */
  maintenance?: string;
}

/** The process that started at `startedAt` was asked to stop. */
export interface StopIntent {
  startedAt: string;
  /** When, in ms since the epoch: for people. */
  atMs: number;
}

/** An intent in this process's memory. */
export interface HeldIntent extends StopIntent {
  /** Since when, on the monotonic clock. For one found in Consul: since it was found. */
  sinceMs: number;
}

/** A Docker `kill` event: any signal, whoever sent it. */
export interface Kill {
  signal: string;
  /** Docker's timestamp, in ms since the epoch. */
  atMs: number;
}
