/** docker.Volume. */
import { z } from "zod";
import type { DeleteRequest, JsonObject } from "../../provider";
import { labelFields, setOf, type Fields } from "../schema";
import { objects, text, textMap } from "../value";
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

const replaced = { replaces: true } as const;
const fields: Fields = {
  name: { kind: "text", computed: true, ...replaced },
  labels: { ...setOf(labelFields), ...replaced },
  driver: { kind: "text", computed: true, ...replaced },
  driverOpts: { kind: "map", ...replaced },
  mountpoint: { kind: "text", outputOnly: true },
  cluster: { kind: "object", fields: {}, refused: "cluster volumes need a Docker swarm. Use driver and driverOpts" },
};

export const volumeKind: ResourceKind = {
  fields,
  autoName: "name",
  meta: { schema_version: "1" },
  outputs: ["driver", "mountpoint"],
  deleteBeforeReplace: isNamedByProgram,
  create,
  read: (call, id, known) => read(call, id, known),
  update: async (call, id, inputs) => {
    const now = await read(call, id, inputs);
    if (now === undefined) throw new Error(`volume ${text(inputs, "name")} is gone`);
    return now.outputs;
  },
  delete: remove,
  async discard(call, { inputs, keep }) {
    const name = text(inputs, "name");
    const volume = call.connection.docker.getVolume(name);
    if (keep.has(name) || !(await ifFound(volume.inspect()))) return true;
    // One of the program's own name may hold data from before: a second creation adopts it. A made-up name is the attempt's alone.
    if (isNamedByProgram(inputs))
      return `a volume ${name} exists, and may have data from before: \`docker volume rm ${name}\``;
    await ifFound(volume.remove());
    return true;
  },
};

const answer = z.object({
  Name: z.string(),
  Driver: z.string(),
  Mountpoint: z.string(),
  Labels: textRecord,
  Options: textRecord,
});

async function create(call: Call, inputs: JsonObject): Promise<Created> {
  const name = text(inputs, "name");
  const driver = text(inputs, "driver");
  await call.connection.docker
    .createVolume({
      Name: name,
      ...(driver === "" ? {} : { Driver: driver }),
      DriverOpts: textMap(inputs, "driverOpts"),
      Labels: labelMap(objects(inputs, "labels")),
    })
    .catch((error: unknown) => {
      throw new Error(`volume ${name} cannot be created: ${daemonMessage(error)}`);
    });
  const created = await read(call, name, inputs);
  if (created === undefined) throw new Error(`volume ${name} was created, and was gone at once`);
  return created;
}

async function read(call: Call, id: string, inputs: JsonObject): Promise<Created | undefined> {
  const raw: unknown = await ifFound(call.connection.docker.getVolume(id).inspect());
  if (raw === undefined) return undefined;
  const found = answer.parse(raw);
  const read = labelList(found.Labels);
  const wanted = labelMap(objects(inputs, "labels"));
  const sameLabels =
    read.length === Object.keys(wanted).length && Object.entries(wanted).every(([k, v]) => found.Labels[k] === v);
  const values: JsonObject = {
    name: found.Name,
    labels: sameLabels ? (inputs["labels"] ?? []) : read,
    driver: found.Driver,
    driverOpts: Object.keys(found.Options).length > 0 ? found.Options : null,
    mountpoint: found.Mountpoint,
  };
  return { id: found.Name, outputs: { ...fillOutputs(fields, values), id: found.Name } };
}

async function remove(call: Call, { id }: DeleteRequest): Promise<void> {
  const mayPass = (error: unknown): boolean => /volume is in use/i.test(daemonMessage(error));
  try {
    const { signal } = call;
    const volume = call.connection.docker.getVolume(id);
    await untilRemoved(() => volume.remove({ force: true }), { limitMs: REMOVAL_LIMIT_MS, signal, mayPass });
  } catch (error) {
    throw new Error(`volume ${id} cannot be removed: ${daemonMessage(error)}`, { cause: error });
  }
}
