/** What Docker says of a container, as the outputs that the real provider stores. */
import { z } from "zod";
import type { Json, JsonObject } from "../../provider";
import { sameField } from "../plan";
import { number, objects, text } from "../value";
import { containerFields } from "./container-schema";
import { MIB } from "./container-spec";
import { formatDuration } from "./duration";
import { fillOutputs } from "../outputs";
import { labelList, textRecord } from "./resource";

const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const whole = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const word = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const mountsAnswer = z
  .array(
    z.object({
      Type: word,
      Source: word,
      Target: word,
      ReadOnly: z.boolean().optional(),
      BindOptions: z.object({ Propagation: word }).nullish(),
      VolumeOptions: z
        .object({
          NoCopy: z.boolean().optional(),
          Labels: textRecord,
          DriverConfig: z.object({ Name: word, Options: textRecord }).nullish(),
          Subpath: word,
        })
        .nullish(),
      TmpfsOptions: z.object({ SizeBytes: whole, Mode: whole }).nullish(),
    }),
  )
  .nullish()
  .transform((value) => value ?? []);

/** Docker leaves out what is empty, and which of it depends on the version: everything but the identity may be missing. */
export const inspectAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: word,
  Platform: word,
  State: z.object({
    Status: word,
    Running: z.boolean(),
    Restarting: z.boolean().optional(),
    ExitCode: whole,
    Error: word,
    OOMKilled: z.boolean().optional(),
    Health: z.object({ Status: word, Log: z.array(z.object({ ExitCode: whole, Output: word })).nullish() }).nullish(),
  }),
  Config: z.object({
    Hostname: word,
    Domainname: word,
    User: word,
    Image: word,
    WorkingDir: word,
    StopSignal: word,
    StopTimeout: whole,
    Tty: z.boolean().optional(),
    OpenStdin: z.boolean().optional(),
    Cmd: texts,
    Entrypoint: texts,
    Healthcheck: z
      .object({
        Test: texts,
        Interval: whole,
        Timeout: whole,
        StartPeriod: whole,
        StartInterval: whole,
        Retries: whole,
      })
      .nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: word,
    RestartPolicy: z.object({ Name: word, MaximumRetryCount: whole }).nullish(),
    AutoRemove: z.boolean().optional(),
    ReadonlyRootfs: z.boolean().optional(),
    Privileged: z.boolean().optional(),
    PublishAllPorts: z.boolean().optional(),
    Init: z.boolean().nullish(),
    IpcMode: word,
    UsernsMode: word,
    Runtime: word,
    LogConfig: z.object({ Type: word, Config: textRecord }).nullish(),
    Dns: texts,
    DnsOptions: texts,
    DnsSearch: texts,
    ExtraHosts: texts,
    GroupAdd: texts,
    SecurityOpt: texts,
    CapAdd: texts,
    CapDrop: texts,
    DeviceCgroupRules: texts,
    Tmpfs: textRecord,
    Sysctls: textRecord,
    StorageOpt: textRecord,
    Mounts: mountsAnswer,
    Memory: whole,
    MemoryReservation: whole,
    MemorySwap: whole,
    ShmSize: whole,
    NanoCpus: whole,
    CpuShares: whole,
    CpuPeriod: whole,
    CpuQuota: whole,
    CpusetCpus: word,
  }),
  NetworkSettings: z
    .object({
      Bridge: word,
      Ports: z.record(z.array(z.object({ HostIp: word, HostPort: word })).nullish()).nullish(),
      Networks: z
        .record(
          z.object({
            IPAddress: word,
            IPPrefixLen: whole,
            Gateway: word,
            GlobalIPv6Address: word,
            GlobalIPv6PrefixLen: whole,
            IPv6Gateway: word,
            MacAddress: word,
            NetworkID: word,
          }),
        )
        .nullish(),
    })
    .nullish(),
});
export type Inspected = z.infer<typeof inspectAnswer>;

/**
 * The outputs of a container that was created from `inputs` (without reserved keys; empty for an import).
 * Where the daemon's value means the same as the input's, the input's spelling is kept: "60s" does not become "1m0s", and no later
 * comparison, ours or the real provider's, sees a difference.
 */
export function containerOutputs(inputs: JsonObject, inspected: Inspected, extra: JsonObject = {}): JsonObject {
  const read = readValues(inputs, inspected);
  const outputs: JsonObject = {};
  for (const [key, field] of Object.entries(containerFields)) {
    const input = inputs[key];
    const value = read[key];
    const keep = input !== undefined && (value === undefined || sameField(field, value, input));
    outputs[key] = keep ? input : (value ?? field.default ?? null);
  }
  return fillOutputs(containerFields, { ...outputs, ports: readPorts(inputs, inspected), ...extra, id: inspected.Id });
}

/** envs, labels, volumes and uploads are not read back: the image's own are mixed in, or the daemon does not say them. */
function readValues(inputs: JsonObject, { Config, HostConfig, State, NetworkSettings, ...top }: Inspected): JsonObject {
  const image = text(inputs, "image");
  const imported = Object.keys(inputs).length === 0;
  const limits = HostConfig.MemorySwap > 0 ? Math.floor(HostConfig.MemorySwap / MIB) : HostConfig.MemorySwap;
  const capabilities = { adds: HostConfig.CapAdd, drops: HostConfig.CapDrop };
  return {
    name: top.Name.replace(/^\/+/, ""),
    image: image.startsWith("sha256:") ? top.Image : Config.Image,
    bridge: NetworkSettings?.Bridge ?? "",
    networkDatas: networkDatas(NetworkSettings?.Networks ?? {}),
    ...(State.Running && State.Restarting !== true && NetworkSettings?.Networks
      ? { networksAdvanced: stillConnected(inputs, NetworkSettings.Networks) }
      : {}),
    // A stopped container reads as mustRun=false: the next update then starts it.
    mustRun: State.Running ? (inputs["mustRun"] ?? true) : false,
    exitCode: State.Running ? null : State.ExitCode,
    platform: top.Platform,
    hostname: Config.Hostname,
    domainname: Config.Domainname,
    user: Config.User,
    workingDir: Config.WorkingDir,
    stopSignal: Config.StopSignal,
    stopTimeout: Config.StopTimeout,
    tty: Config.Tty ?? false,
    stdinOpen: Config.OpenStdin ?? false,
    command: Config.Cmd,
    entrypoints: Config.Entrypoint,
    ...(Config.Healthcheck ? { healthcheck: healthcheck(Config.Healthcheck) } : {}),
    networkMode: HostConfig.NetworkMode,
    restart: HostConfig.RestartPolicy?.Name || "no",
    maxRetryCount: HostConfig.RestartPolicy?.MaximumRetryCount ?? 0,
    rm: HostConfig.AutoRemove ?? false,
    readOnly: HostConfig.ReadonlyRootfs ?? false,
    privileged: HostConfig.Privileged ?? false,
    publishAllPorts: HostConfig.PublishAllPorts ?? false,
    init: HostConfig.Init ?? false,
    ipcMode: HostConfig.IpcMode,
    usernsMode: HostConfig.UsernsMode,
    runtime: HostConfig.Runtime,
    logDriver: HostConfig.LogConfig?.Type ?? "",
    ...(inputs["logOpts"] === undefined ? {} : { logOpts: HostConfig.LogConfig?.Config ?? {} }),
    dns: orNull(HostConfig.Dns),
    dnsOpts: orNull(HostConfig.DnsOptions),
    dnsSearches: orNull(HostConfig.DnsSearch),
    groupAdds: orNull(HostConfig.GroupAdd),
    deviceCgroupRules: orNull(HostConfig.DeviceCgroupRules),
    hosts: HostConfig.ExtraHosts.map((host) => {
      const at = host.indexOf(":");
      return { host: host.slice(0, at), ip: host.slice(at + 1) };
    }),
    securityOpts: HostConfig.SecurityOpt,
    capabilities: HostConfig.CapAdd.length + HostConfig.CapDrop.length > 0 ? capabilities : null,
    tmpfs: orNull(HostConfig.Tmpfs),
    sysctls: orNull(HostConfig.Sysctls),
    storageOpts: orNull(HostConfig.StorageOpt),
    memory: Math.floor(HostConfig.Memory / MIB),
    memoryReservation: Math.floor(HostConfig.MemoryReservation / MIB),
    // Docker makes it twice the memory when it is not given; stored, the real provider would want to change it for ever.
    memorySwap: inputs["memorySwap"] === undefined && !imported ? 0 : limits,
    ...(imported ? { mounts: HostConfig.Mounts.map(readMount) } : {}),
    shmSize: Math.floor(HostConfig.ShmSize / MIB),
    ...(HostConfig.NanoCpus > 0 ? { cpus: String(HostConfig.NanoCpus / 1e9) } : {}),
    cpuShares: HostConfig.CpuShares,
    cpuSet: HostConfig.CpusetCpus,
    ...(inputs["cpuPeriod"] === undefined ? {} : { cpuPeriod: HostConfig.CpuPeriod }),
    ...(inputs["cpuQuota"] === undefined ? {} : { cpuQuota: HostConfig.CpuQuota }),
  };
}

const orNull = (value: string[] | Record<string, string>): Json => (Object.keys(value).length > 0 ? value : null);

function readMount(mount: Inspected["HostConfig"]["Mounts"][number]): JsonObject {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs } = mount;
  return {
    target: mount.Target,
    source: mount.Source,
    type: mount.Type,
    readOnly: mount.ReadOnly ?? false,
    bindOptions: bind ? { propagation: bind.Propagation } : null,
    volumeOptions: volume
      ? {
          noCopy: volume.NoCopy ?? false,
          labels: labelList(volume.Labels),
          driverName: volume.DriverConfig?.Name ?? "",
          driverOptions: volume.DriverConfig?.Options ?? {},
          subpath: volume.Subpath,
        }
      : null,
    tmpfsOptions: tmpfs ? { sizeBytes: tmpfs.SizeBytes, mode: tmpfs.Mode } : null,
  };
}

function healthcheck(check: NonNullable<Inspected["Config"]["Healthcheck"]>): JsonObject {
  return {
    tests: check.Test,
    interval: formatDuration(check.Interval),
    timeout: formatDuration(check.Timeout),
    startPeriod: formatDuration(check.StartPeriod),
    startInterval: formatDuration(check.StartInterval),
    retries: check.Retries,
  };
}

type Networks = NonNullable<NonNullable<Inspected["NetworkSettings"]>["Networks"]>;
function networkDatas(networks: Networks): Json {
  const names = Object.keys(networks).sort();
  return names.map((networkName) => {
    const network = networks[networkName];
    return {
      networkName,
      ipAddress: network?.IPAddress ?? "",
      ipPrefixLength: network?.IPPrefixLen ?? 0,
      gateway: network?.Gateway ?? "",
      globalIpv6Address: network?.GlobalIPv6Address ?? "",
      globalIpv6PrefixLength: network?.GlobalIPv6PrefixLen ?? 0,
      ipv6Gateway: network?.IPv6Gateway ?? "",
      macAddress: network?.MacAddress ?? "",
    };
  });
}

/**
 * Of the networks that were asked for, those that the container is in. Docker does not tell how it was connected; that it was
 * disconnected by hand, it tells. A stopped container is in none: only one that runs is asked.
 */
function stillConnected(inputs: JsonObject, networks: Networks): Json {
  const known = Object.entries(networks).flatMap(([name, network]) => [name, network.NetworkID]);
  const isIn = (wanted: string): boolean =>
    known.includes(wanted) || (SHORT_ID.test(wanted) && known.some((id) => id.startsWith(wanted)));
  return objects(inputs, "networksAdvanced").filter((wanted) => isIn(text(wanted, "name")));
}

const SHORT_ID = /^[0-9a-f]{12,}$/;

/** In the order of the inputs, with the host ports that Docker chose. A stopped container has none: then the wanted ones. */
function readPorts(inputs: JsonObject, { NetworkSettings, State }: Inspected): Json {
  const wanted = objects(inputs, "ports");
  if (wanted.length === 0) return [];
  const bound = Object.entries(NetworkSettings?.Ports ?? {}).flatMap(([key, bindings]) => {
    const [internal, protocol = "tcp"] = key.split("/");
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      internal: Number(internal),
      external: Number(HostPort),
      ip: HostIp,
      protocol,
    }));
  });
  if (!State.Running) return wanted;
  return wanted.map((port): JsonObject => {
    const ip = text(port, "ip") || "0.0.0.0";
    const at = bound.findIndex(
      (have) =>
        have.internal === port["internal"] &&
        have.protocol === (text(port, "protocol") || "tcp") &&
        (have.ip === ip || ip === "0.0.0.0") &&
        (number(port, "external") === 0 || have.external === port["external"]),
    );
    const [have] = at >= 0 ? bound.splice(at, 1) : [];
    return { ...port, ...(have === undefined ? {} : { external: have.external }), ip };
  });
}
