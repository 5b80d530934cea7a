/**
 * The properties of docker.Container. Two deliberate differences to the real provider, which claims in-place updates that Docker cannot
 * do (they change its state, not the container): a changed healthcheck, tmpfs, init, rm or device rate replaces the container, and so
 * does taking a limit away. And `memorySwap` counts as filled in by the daemon, so that `memory` alone is no endless change.
 */
import type { Json } from "../../provider";
import {
  atLeast,
  labelFields,
  listOf,
  matches,
  setOf,
  text,
  textList,
  textSet,
  type Field,
  type Fields,
} from "../schema";
import { isObject, scalar, text as textOf } from "../value";
import { parseDuration } from "./duration";

const duration: Field = {
  kind: "text",
  default: "0s",
  same: (before, after) => parseDuration(scalar(before)) === parseDuration(scalar(after)),
  invalid: (value) =>
    typeof value === "string" && parseDuration(value) === undefined
      ? `"${value}" is no duration: write it like 500ms, 2s or 1m30s`
      : undefined,
};

const rates = setOf({
  path: { kind: "text", required: true },
  rate: { kind: "int", required: true, invalid: atLeast(0) },
});

const sameNumber = (before: Json, after: Json): boolean => Number(before) === Number(after);

/** Docker may say CAP_NET_ADMIN for what was asked for as NET_ADMIN. */
const plainCapability = (value: Json): string => scalar(value).toUpperCase().replace(/^CAP_/, "");
const sameCapabilities = (before: Json, after: Json): boolean => {
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  const names = (list: readonly Json[]): string => [...new Set(list.map(plainCapability))].sort().join();
  return names(before) === names(after);
};

/** With pidMode or ipcMode "host" the daemon adds label=disable of its own. */
const sameSecurity = (before: Json, after: Json): boolean => {
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  const extra = before.filter((option) => !after.includes(option));
  return after.every((option) => before.includes(option)) && extra.every((option) => option === "label=disable");
};

const portFields: Fields = {
  internal: { kind: "int", required: true },
  external: { kind: "int", computed: true },
  ip: { kind: "text", default: "0.0.0.0" },
  protocol: { kind: "text", default: "tcp" },
};

/** The daemon gives ports back sorted, so the order means nothing; a port without `external` keeps the one it got. */
export const samePorts = (before: Json, after: Json): boolean => {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  const left = before.filter(isObject);
  return after.filter(isObject).every((wanted) => {
    const at = left.findIndex(
      (have) =>
        have["internal"] === wanted["internal"] &&
        (textOf(have, "protocol") || "tcp") === (textOf(wanted, "protocol") || "tcp") &&
        (textOf(have, "ip") || "0.0.0.0") === (textOf(wanted, "ip") || "0.0.0.0") &&
        ((wanted["external"] ?? 0) === 0 || have["external"] === wanted["external"]),
    );
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
};

const mountFields: Fields = {
  target: { kind: "text", required: true },
  source: text,
  type: { kind: "text", required: true, invalid: matches(/^(bind|volume|tmpfs)$/, "bind, volume or tmpfs") },
  readOnly: { kind: "bool" },
  bindOptions: {
    kind: "object",
    fields: {
      propagation: {
        kind: "text",
        invalid: matches(/^r?(private|shared|slave)$/, "private, rprivate, shared, rshared, slave or rslave"),
      },
    },
  },
  volumeOptions: {
    kind: "object",
    fields: {
      noCopy: { kind: "bool" },
      labels: setOf(labelFields),
      driverName: text,
      driverOptions: { kind: "map" },
      subpath: text,
    },
  },
  tmpfsOptions: { kind: "object", fields: { sizeBytes: { kind: "int" }, mode: { kind: "int" } } },
};

const base64 = (value: Json): string | undefined =>
  typeof value === "string" && !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value) ? "it is not base64" : undefined;

const numericId = matches(
  /^(\d*|root)$/,
  "give the number. A name would be looked up on this machine, where it may be another one than in the container",
);

const uploadFields: Fields = {
  file: { kind: "text", required: true },
  content: text,
  contentBase64: { kind: "text", invalid: base64 },
  source: text,
  sourceHash: text,
  executable: { kind: "bool", default: false },
  owner: { kind: "text", default: "", invalid: numericId },
  group: { kind: "text", default: "", invalid: numericId },
  permissions: { kind: "text", invalid: matches(/^0[0-7]{3}$/, "four octal digits such as 0644") },
};

const networkFields: Fields = {
  name: { kind: "text", required: true },
  aliases: textSet,
  ipv4Address: text,
  ipv6Address: text,
  linkLocalIps: textSet,
  macAddress: text,
  driverOpts: textSet,
  gwPriority: { kind: "int", invalid: atLeast(0) },
};

const volumeFields: Fields = {
  containerPath: text,
  fromContainer: text,
  hostPath: { kind: "text", invalid: matches(/^([a-zA-Z]:[\\/]|\/)/, "an absolute path") },
  volumeName: text,
  readOnly: { kind: "bool" },
  selinuxRelabel: { kind: "text", invalid: matches(/^[zZ]$/, "z or Z") },
};

const replaced = { replaces: true } as const;
/** Docker can change the value of a running container, but not lift it. */
const limit = { replaces: "removal", invalid: atLeast(0) } as const;
const filledIn = { replaces: true, computed: true } as const;

export const containerFields: Fields = {
  attach: { kind: "bool", default: false },
  bridge: { kind: "text", outputOnly: true },
  capabilities: {
    kind: "object",
    fields: { adds: { ...textSet, same: sameCapabilities }, drops: { ...textSet, same: sameCapabilities } },
    ...replaced,
  },
  cgroupParent: { kind: "text", ...replaced },
  cgroupnsMode: { kind: "text", ...replaced, invalid: matches(/^(private|host)$/, "private or host") },
  command: { ...textList, ...filledIn },
  containerLogs: { kind: "text", outputOnly: true },
  // Stored only: a limit for a wait that neither provider makes any more.
  containerReadRefreshTimeoutMilliseconds: { kind: "int", default: 15000 },
  cpuPeriod: { kind: "int", ...limit },
  cpuQuota: { kind: "int", ...limit },
  cpuSet: { kind: "text", replaces: "removal", invalid: matches(/^\d+([,-]\d+)*$/, "numbers like 0,2 or 0-1") },
  cpuShares: { kind: "int", ...limit },
  cpus: { kind: "text", ...replaced, same: sameNumber, invalid: matches(/^\d+(\.\d+)?$/, "a number like 1.5") },
  destroyGraceSeconds: { kind: "int" },
  deviceCgroupRules: { ...textSet, ...replaced },
  deviceReadBps: { ...rates, ...replaced },
  deviceReadIops: { ...rates, ...replaced },
  deviceRequests: {
    ...setOf({
      driver: { kind: "text", default: "cdi" },
      count: { kind: "int", default: 0 },
      deviceIds: textSet,
      capabilities: textSet,
      options: { kind: "map" },
    }),
    ...replaced,
  },
  deviceWriteBps: { ...rates, ...replaced },
  deviceWriteIops: { ...rates, ...replaced },
  devices: {
    ...setOf({
      hostPath: { kind: "text", required: true },
      containerPath: text,
      permissions: { kind: "text", default: "rwm" },
    }),
    ...replaced,
  },
  dns: { ...textSet, ...replaced },
  dnsOpts: { ...textSet, ...replaced },
  dnsSearches: { ...textSet, ...replaced },
  domainname: { kind: "text", ...replaced },
  entrypoints: { ...textList, ...filledIn },
  envs: { ...textSet, ...filledIn },
  exitCode: { kind: "int", outputOnly: true },
  gpus: { kind: "text", ...replaced, invalid: matches(/^["']*(all|device=[^"']+)["']*$/, "all or device=<id[,id…]>") },
  groupAdds: { ...textSet, ...replaced },
  healthcheck: {
    kind: "object",
    fields: {
      tests: textList,
      interval: duration,
      timeout: duration,
      startPeriod: duration,
      startInterval: duration,
      retries: { kind: "int", default: 0, invalid: atLeast(0) },
    },
    ...filledIn,
  },
  hostname: { kind: "text", ...filledIn },
  hosts: { ...setOf({ host: { kind: "text", required: true }, ip: { kind: "text", required: true } }), ...replaced },
  image: { kind: "text", required: true, ...replaced },
  init: { kind: "bool", ...filledIn },
  ipcMode: { kind: "text", ...filledIn },
  labels: { ...setOf(labelFields), ...filledIn },
  logDriver: { kind: "text", ...filledIn },
  logOpts: { kind: "map", ...replaced },
  logs: { kind: "bool", default: false },
  maxRetryCount: { kind: "int" },
  memory: { kind: "int", ...limit },
  memoryReservation: { kind: "int", default: 0, ...limit },
  memorySwap: { kind: "int", computed: true, replaces: "removal", invalid: atLeast(-1) },
  mounts: { ...setOf(mountFields), ...replaced },
  mustRun: { kind: "bool", default: true },
  name: { kind: "text", required: true, ...replaced },
  networkDatas: { ...listOf({}), outputOnly: true },
  networkMode: { kind: "text", default: "bridge", ...replaced },
  networksAdvanced: { ...setOf(networkFields), ...replaced },
  pidMode: { kind: "text", ...replaced },
  platform: { kind: "text", ...filledIn },
  ports: { ...listOf(portFields), ...replaced, same: samePorts },
  privileged: { kind: "bool", ...replaced },
  publishAllPorts: { kind: "bool", ...replaced },
  readOnly: { kind: "bool", default: false, ...replaced },
  removeVolumes: { kind: "bool", default: true },
  restart: {
    kind: "text",
    default: "no",
    invalid: matches(/^(no|on-failure|always|unless-stopped)$/, "no, on-failure, always or unless-stopped"),
  },
  rm: { kind: "bool", default: false, ...replaced },
  runtime: { kind: "text", ...filledIn },
  securityOpts: { ...textSet, ...filledIn, same: sameSecurity },
  shmSize: { kind: "int", ...filledIn, invalid: atLeast(0) },
  start: { kind: "bool", default: true },
  stdinOpen: { kind: "bool", default: false, ...replaced },
  stopSignal: { kind: "text", ...filledIn },
  stopTimeout: { kind: "int", ...filledIn },
  storageOpts: { kind: "map", ...replaced },
  sysctls: { kind: "map", ...replaced },
  tmpfs: { kind: "map", ...replaced },
  tty: { kind: "bool", default: false, ...replaced },
  ulimits: {
    ...setOf({
      name: { kind: "text", required: true },
      soft: { kind: "int", required: true },
      hard: { kind: "int", required: true },
    }),
    ...replaced,
  },
  uploads: { ...setOf(uploadFields), ...replaced },
  user: { kind: "text", ...filledIn },
  usernsMode: { kind: "text", ...replaced },
  volumes: { ...setOf(volumeFields), ...replaced },
  wait: { kind: "bool", default: false },
  waitTimeout: { kind: "int", default: 60 },
  workingDir: { kind: "text", ...filledIn },
};

/** Shares, limits and the restart policy: what Docker changes in a container that runs. */
export const updatableInPlace = [
  "restart",
  "maxRetryCount",
  "cpuShares",
  "cpuSet",
  "cpuPeriod",
  "cpuQuota",
  "memory",
  "memoryReservation",
  "memorySwap",
] as const;
