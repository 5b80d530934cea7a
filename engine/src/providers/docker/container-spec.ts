/** Checked inputs of a Container as the body of Docker's create call. Pure: no file and no daemon is touched. */
import type { Json, JsonObject } from "../../provider";
import { flag, number, object, objects, text, textMap, texts } from "../value";
import { parseDuration } from "./duration";
import { labelMap } from "./resource";

export const MIB = 1024 * 1024;

/** Only what was given: the daemon and the image fill in the rest. */
function given(entries: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => !isAbsent(value)));
}
const isAbsent = (value: Json): boolean =>
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0);

/** Sets are sent sorted, so that equal inputs make equal containers. */
const sorted = (inputs: JsonObject, key: string): string[] => texts(inputs, key).sort();

export function containerBody(inputs: JsonObject): JsonObject {
  const volumes = volumeParts(inputs);
  const ports = portParts(objects(inputs, "ports"));
  return {
    ...given({
      Image: text(inputs, "image"),
      Hostname: text(inputs, "hostname"),
      Domainname: text(inputs, "domainname"),
      User: text(inputs, "user"),
      WorkingDir: text(inputs, "workingDir"),
      StopSignal: text(inputs, "stopSignal"),
      StopTimeout: number(inputs, "stopTimeout") || null,
      Env: sorted(inputs, "envs"),
      Cmd: texts(inputs, "command"),
      Entrypoint: texts(inputs, "entrypoints"),
      ExposedPorts: ports.exposed,
      Volumes: volumes.paths,
      Labels: labelMap(objects(inputs, "labels")),
      Healthcheck: healthcheckBody(inputs),
    }),
    Tty: flag(inputs, "tty"),
    OpenStdin: flag(inputs, "stdinOpen"),
    HostConfig: hostConfig(inputs, ports.bindings, volumes),
  };
}

function hostConfig(inputs: JsonObject, bindings: JsonObject, volumes: VolumeParts): JsonObject {
  const capabilities = object(inputs, "capabilities") ?? {};
  return {
    Privileged: flag(inputs, "privileged"),
    PublishAllPorts: flag(inputs, "publishAllPorts"),
    AutoRemove: flag(inputs, "rm"),
    ReadonlyRootfs: flag(inputs, "readOnly"),
    // Said also when it is false, as the real provider does: else a daemon started with --init would decide.
    Init: flag(inputs, "init"),
    LogConfig: { Type: text(inputs, "logDriver"), Config: textMap(inputs, "logOpts") },
    ...updatableLimits(inputs),
    ...given({
      NetworkMode: text(inputs, "networkMode"),
      PortBindings: bindings,
      Binds: volumes.binds,
      VolumesFrom: volumes.from,
      Mounts: objects(inputs, "mounts").map(mountBody),
      Tmpfs: textMap(inputs, "tmpfs"),
      CapAdd: sorted(capabilities, "adds"),
      CapDrop: sorted(capabilities, "drops"),
      Dns: sorted(inputs, "dns"),
      DnsOptions: sorted(inputs, "dnsOpts"),
      DnsSearch: sorted(inputs, "dnsSearches"),
      ExtraHosts: objects(inputs, "hosts").map((host) => `${text(host, "host")}:${text(host, "ip")}`),
      GroupAdd: sorted(inputs, "groupAdds"),
      IpcMode: text(inputs, "ipcMode"),
      PidMode: text(inputs, "pidMode"),
      UsernsMode: text(inputs, "usernsMode"),
      CgroupnsMode: text(inputs, "cgroupnsMode"),
      CgroupParent: text(inputs, "cgroupParent"),
      Runtime: text(inputs, "runtime"),
      ShmSize: number(inputs, "shmSize") * MIB || null,
      StorageOpt: textMap(inputs, "storageOpts"),
      Sysctls: textMap(inputs, "sysctls"),
      NanoCpus: Math.round(Number(text(inputs, "cpus")) * 1e9) || null,
      Ulimits: objects(inputs, "ulimits").map((limit) => ({
        Name: text(limit, "name"),
        Soft: number(limit, "soft"),
        Hard: number(limit, "hard"),
      })),
      Devices: objects(inputs, "devices").map((device) => ({
        PathOnHost: text(device, "hostPath"),
        PathInContainer: text(device, "containerPath") || text(device, "hostPath"),
        CgroupPermissions: text(device, "permissions") || "rwm",
      })),
      DeviceRequests: deviceRequests(inputs),
      DeviceCgroupRules: sorted(inputs, "deviceCgroupRules"),
      BlkioDeviceReadBps: rates(inputs, "deviceReadBps"),
      BlkioDeviceReadIOps: rates(inputs, "deviceReadIops"),
      BlkioDeviceWriteBps: rates(inputs, "deviceWriteBps"),
      BlkioDeviceWriteIOps: rates(inputs, "deviceWriteIops"),
    }),
    ...securityParts(sorted(inputs, "securityOpts")),
  };
}

/** What Docker's update call takes too. `cpus` wins over period and quota, as in the CLI. */
export function updatableLimits(inputs: JsonObject): JsonObject {
  const swap = number(inputs, "memorySwap");
  const ownCpus = text(inputs, "cpus") === "";
  return {
    RestartPolicy: { Name: text(inputs, "restart") || "no", MaximumRetryCount: number(inputs, "maxRetryCount") },
    ...given({
      CpuShares: number(inputs, "cpuShares") || null,
      CpusetCpus: text(inputs, "cpuSet"),
      CpuPeriod: (ownCpus && number(inputs, "cpuPeriod")) || null,
      CpuQuota: (ownCpus && number(inputs, "cpuQuota")) || null,
      Memory: number(inputs, "memory") * MIB || null,
      MemoryReservation: number(inputs, "memoryReservation") * MIB || null,
      MemorySwap: (swap > 0 ? swap * MIB : swap) || null,
    }),
  };
}

/** `systempaths=unconfined` is the client's own option: it empties two lists instead of going to the daemon. */
function securityParts(options: readonly string[]): JsonObject {
  const unconfined = options.includes("systempaths=unconfined");
  return {
    ...given({ SecurityOpt: options.filter((option) => option !== "systempaths=unconfined") }),
    ...(unconfined ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

const rates = (inputs: JsonObject, key: string): Json =>
  objects(inputs, key).map((rate) => ({ Path: text(rate, "path"), Rate: number(rate, "rate") }));

function deviceRequests(inputs: JsonObject): Json {
  const gpus = text(inputs, "gpus").replace(/^["'\s]+|["'\s]+$/g, "");
  if (gpus !== "") {
    const ids = gpus.startsWith("device=") ? gpus.slice("device=".length).split(",") : [];
    return [ids.length > 0 ? { DeviceIDs: ids, Capabilities: [["gpu"]] } : { Count: -1, Capabilities: [["gpu"]] }];
  }
  return objects(inputs, "deviceRequests").map((request) => ({
    Driver: text(request, "driver") || "cdi",
    Count: number(request, "count"),
    ...given({ DeviceIDs: sorted(request, "deviceIds"), Options: textMap(request, "options") }),
    Capabilities: [sorted(request, "capabilities")],
  }));
}

function healthcheckBody(inputs: JsonObject): Json {
  const check = object(inputs, "healthcheck");
  if (check === undefined) return null;
  const nanoseconds = (key: string): number | null => parseDuration(text(check, key)) || null;
  return given({
    Test: texts(check, "tests"),
    Interval: nanoseconds("interval"),
    Timeout: nanoseconds("timeout"),
    StartPeriod: nanoseconds("startPeriod"),
    StartInterval: nanoseconds("startInterval"),
    Retries: number(check, "retries") || null,
  });
}

function portParts(ports: readonly JsonObject[]): { exposed: JsonObject; bindings: JsonObject } {
  const exposed: JsonObject = {};
  const bindings: Record<string, Json[]> = {};
  for (const port of ports) {
    const key = `${number(port, "internal")}/${text(port, "protocol") || "tcp"}`;
    exposed[key] = {};
    (bindings[key] ??= []).push({ HostIp: text(port, "ip"), HostPort: String(number(port, "external")) });
  }
  return { exposed, bindings };
}

interface VolumeParts {
  readonly paths: JsonObject;
  readonly binds: string[];
  readonly from: string[];
}

function volumeParts(inputs: JsonObject): VolumeParts {
  const parts: VolumeParts = { paths: {}, binds: [], from: [] };
  for (const volume of objects(inputs, "volumes")) {
    const path = text(volume, "containerPath");
    const source = text(volume, "hostPath") || text(volume, "volumeName");
    if (text(volume, "fromContainer") !== "") {
      parts.from.push(text(volume, "fromContainer"));
      continue;
    }
    parts.paths[path] = {};
    const options = [flag(volume, "readOnly") ? "ro" : "rw", text(volume, "selinuxRelabel")].filter(Boolean).join(",");
    if (source !== "") parts.binds.push(`${source}:${path}:${options}`);
  }
  return parts;
}

function mountBody(mount: JsonObject): JsonObject {
  const type = text(mount, "type");
  const bind = object(mount, "bindOptions");
  const volume = object(mount, "volumeOptions");
  const tmpfs = object(mount, "tmpfsOptions");
  const driver = volume && given({ Name: text(volume, "driverName"), Options: textMap(volume, "driverOptions") });
  return {
    Type: type,
    Target: text(mount, "target"),
    ReadOnly: flag(mount, "readOnly"),
    ...given({
      Source: text(mount, "source"),
      BindOptions: type === "bind" && bind ? given({ Propagation: text(bind, "propagation") }) : null,
      VolumeOptions:
        type === "volume" && volume
          ? given({
              NoCopy: flag(volume, "noCopy") || null,
              Labels: labelMap(objects(volume, "labels")),
              DriverConfig: driver ?? null,
              Subpath: text(volume, "subpath"),
            })
          : null,
      TmpfsOptions:
        type === "tmpfs" && tmpfs
          ? given({ SizeBytes: number(tmpfs, "sizeBytes") || null, Mode: number(tmpfs, "mode") || null })
          : null,
    }),
  };
}

/** The body of the call that connects a container to one network. */
export function endpointBody(network: JsonObject): JsonObject {
  const driverOptions = texts(network, "driverOpts").filter((option) => option.includes("="));
  return given({
    Aliases: sorted(network, "aliases"),
    IPAMConfig: given({
      IPv4Address: text(network, "ipv4Address"),
      IPv6Address: text(network, "ipv6Address"),
      LinkLocalIPs: sorted(network, "linkLocalIps"),
    }),
    MacAddress: text(network, "macAddress"),
    DriverOpts: Object.fromEntries(
      driverOptions.map((option) => [option.slice(0, option.indexOf("=")), option.slice(option.indexOf("=") + 1)]),
    ),
    GwPriority: number(network, "gwPriority") || null,
  });
}
