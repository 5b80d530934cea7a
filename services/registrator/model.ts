/** What registrator sees of a container. */
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
  /** RFC 3339. A container that has started anew has another. */
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
  /** The state before the first probe. @default "passing", for Docker has just called the container healthy */
  initialStatus?: CheckStatus;
}

export type CheckStatus = "passing" | "warning" | "critical";

/** A service as it should be in Consul. */
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

/** Somebody asked the container that started then to stop. */
export interface StopIntent {
  startedAt: string;
  /** When it was asked, in ms since the epoch: for people. */
  atMs: number;
}

/** An intent as this process has it. */
export interface HeldIntent extends StopIntent {
  /** Since when, on the monotonic clock: of one found in Consul, since it was found. */
  sinceMs: number;
}

/** A `kill` event of Docker's: any signal, whoever sent it. */
export interface Kill {
  signal: string;
  /** Docker's stamp, in ms since the epoch. */
  atMs: number;
}
