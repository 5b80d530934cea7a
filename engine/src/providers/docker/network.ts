/** docker.Network. */
import type Docker from "dockerode";
import { z } from "zod";
import type { Attempt, DeleteRequest, Json, JsonObject } from "../../provider";
import { canonical, sameField } from "../plan";
import { labelFields, setOf, text as anyText, type Fields } from "../schema";
import { flag, isObject, object, objects, text, textMap } from "../value";
import { fillOutputs } from "../outputs";
import { daemonMessage, ifFound } from "./daemon-error";
import {
  labelList,
  labelMap,
  type Call,
  type Created,
  type ResourceKind,
  isNamedByProgram,
  textRecord,
  untilRemoved,
} from "./resource";

const REMOVAL_LIMIT_MS = 30_000;

const ipamFields: Fields = { subnet: anyText, gateway: anyText, ipRange: anyText, auxAddress: { kind: "map" } };

/** Some daemons add a gateway of their own: one that was not asked for is no difference. */
const sameIpam = (before: Json, after: Json): boolean => {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  return after
    .filter(isObject)
    .every((wanted) =>
      before
        .filter(isObject)
        .some((have) =>
          Object.entries(ipamFields).every(
            ([key, field]) =>
              (key === "gateway" && canonical(field, wanted[key]) === undefined) ||
              sameField(field, have[key], wanted[key]),
          ),
        ),
    );
};

const replaced = { replaces: true } as const;
const fields: Fields = {
  name: { kind: "text", required: true, ...replaced },
  labels: { ...setOf(labelFields), ...replaced },
  driver: { kind: "text", computed: true, ...replaced },
  options: { kind: "map", computed: true, ...replaced },
  internal: { kind: "bool", computed: true, ...replaced },
  attachable: { kind: "bool", ...replaced },
  ingress: { kind: "bool", ...replaced },
  ipv6: { kind: "bool", ...replaced },
  ipamDriver: { kind: "text", default: "default", ...replaced },
  ipamOptions: { kind: "map", ...replaced },
  ipamConfigs: { ...setOf(ipamFields), computed: true, same: sameIpam, ...replaced },
  scope: { kind: "text", outputOnly: true },
};

export const networkKind: ResourceKind = {
  fields,
  autoName: "name",
  meta: { schema_version: "1" },
  outputs: ["driver", "internal", "ipamConfigs", "options", "scope"],
  deleteBeforeReplace: isNamedByProgram,
  create,
  async discard(call, { inputs, id, attempt, keep }) {
    const { docker } = call.connection;
    const name = text(inputs, "name");
    const found = await docker.listNetworks({ filters: { name: [name] } });
    const strange = found.filter(({ Id, Name }) => Name === name && !keep.has(Id));
    // A network has no room for a mark: its id was noted, or its name is of this attempt's own making.
    const isOwn = (Id: string): boolean =>
      id === undefined ? attempt !== undefined && !isNamedByProgram(inputs) : Id === id;
    for (const { Id } of strange) if (isOwn(Id)) await ifFound(docker.getNetwork(Id).remove());
    const left = id === undefined ? strange.filter(({ Id }) => !isOwn(Id)) : [];
    if (left.length === 0) return true;
    const ids = left.map(({ Id }) => Id.slice(0, 12)).join(" ");
    return `a network ${name} exists, and nothing proves whose it is: \`docker network rm ${ids}\``;
  },
  read: (call, id, known) => read(call, id, known),
  update: async (call, id, inputs) => {
    const now = await read(call, id, inputs);
    if (now === undefined) throw new Error(`network ${text(inputs, "name")} is gone`);
    return now.outputs;
  },
  delete: remove,
};

const answer = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Scope: z.string(),
  Internal: z.boolean().optional(),
  Attachable: z.boolean().optional(),
  Ingress: z.boolean().optional(),
  EnableIPv6: z.boolean().optional(),
  Options: textRecord,
  Labels: textRecord,
  Containers: z.record(z.object({ Name: z.string() })).nullish(),
  IPAM: z.object({
    Driver: z.string().nullish(),
    Options: textRecord,
    Config: z
      .array(
        z
          .object({
            Subnet: z.string(),
            Gateway: z.string(),
            IPRange: z.string(),
            AuxiliaryAddresses: z.record(z.string()),
          })
          .partial(),
      )
      .nullish(),
  }),
});

async function create(call: Call, inputs: JsonObject, _timeoutMs: number, attempt: Attempt): Promise<Created> {
  const { docker, apiMinor } = call.connection;
  const name = text(inputs, "name");
  const configs = objects(inputs, "ipamConfigs").map((config) => ({
    ...(text(config, "subnet") === "" ? {} : { Subnet: text(config, "subnet") }),
    ...(text(config, "gateway") === "" ? {} : { Gateway: text(config, "gateway") }),
    ...(text(config, "ipRange") === "" ? {} : { IPRange: text(config, "ipRange") }),
    ...(object(config, "auxAddress") === undefined ? {} : { AuxiliaryAddresses: textMap(config, "auxAddress") }),
  }));
  const body = {
    Name: name,
    // Newer daemons always check; older ones would make a second network of the same name.
    ...(apiMinor < 44 ? { CheckDuplicate: true } : {}),
    ...(text(inputs, "driver") === "" ? {} : { Driver: text(inputs, "driver") }),
    Internal: flag(inputs, "internal"),
    Attachable: flag(inputs, "attachable"),
    Ingress: flag(inputs, "ingress"),
    ...(inputs["ipv6"] === undefined ? {} : { EnableIPv6: flag(inputs, "ipv6") }),
    Options: textMap(inputs, "options"),
    Labels: labelMap(objects(inputs, "labels")),
    IPAM: { Driver: text(inputs, "ipamDriver") || "default", Config: configs, Options: textMap(inputs, "ipamOptions") },
  };
  const network = await docker.createNetwork(body as Docker.NetworkCreateOptions).catch((error: unknown) => {
    const subnets = configs.length > 0 ? ` (subnets ${configs.map(({ Subnet }) => Subnet ?? "any").join(", ")})` : "";
    throw new Error(`network ${name}${subnets} cannot be created: ${daemonMessage(error)}`);
  });
  attempt.made(network.id);
  const created = await read(call, network.id, inputs);
  if (created === undefined) throw new Error(`network ${name} was created, and was gone at once`);
  return created;
}

async function inspect(call: Call, id: string): Promise<z.infer<typeof answer> | undefined> {
  const found: unknown = await ifFound(call.connection.docker.getNetwork(id).inspect() as Promise<unknown>);
  return found === undefined ? undefined : answer.parse(found);
}

async function read(call: Call, id: string, inputs: JsonObject): Promise<Created | undefined> {
  const found = await inspect(call, id);
  if (found === undefined) return undefined;
  const values: JsonObject = {
    name: found.Name,
    labels: labelList(found.Labels),
    driver: found.Driver,
    options: found.Options,
    internal: found.Internal ?? false,
    attachable: found.Attachable ?? false,
    ingress: found.Ingress ?? false,
    ipv6: found.EnableIPv6 ?? false,
    ipamDriver: found.IPAM.Driver ?? "default",
    ipamOptions: Object.keys(found.IPAM.Options).length > 0 ? found.IPAM.Options : null,
    ipamConfigs: (found.IPAM.Config ?? []).map((config) => ({
      subnet: config.Subnet ?? "",
      gateway: config.Gateway ?? "",
      ipRange: config.IPRange ?? "",
      auxAddress: config.AuxiliaryAddresses ?? {},
    })),
    scope: found.Scope,
  };
  for (const [key, field] of Object.entries(fields)) {
    const input = inputs[key];
    if (input !== undefined && sameField(field, values[key], input)) values[key] = input;
  }
  return { id: found.Id, outputs: { ...fillOutputs(fields, values), id: found.Id } };
}

/** A container that just left may still count for a moment. */
async function remove(call: Call, { id, oldOutputs }: DeleteRequest): Promise<void> {
  const mayPass = (error: unknown): boolean => /has active endpoints|in use/i.test(daemonMessage(error));
  try {
    const { signal } = call;
    const network = call.connection.docker.getNetwork(id);
    await untilRemoved(() => network.remove(), { limitMs: REMOVAL_LIMIT_MS, signal, mayPass });
  } catch (error) {
    const users = Object.values((await inspect(call, id))?.Containers ?? {}).map(({ Name }) => Name);
    const who =
      users.length > 0 ? ` Still connected: ${users.join(", ")}; \`docker network disconnect\` or remove them.` : "";
    const name = text(oldOutputs, "name") || id;
    throw new Error(`network ${name} cannot be removed: ${daemonMessage(error)}.${who}`, { cause: error });
  }
}
