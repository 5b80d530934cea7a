import { z } from "zod";

import type { PendingOperation, PendingOperationKind, ResourceState } from "../model";
import type { JsonObject } from "../provider";
import { decryptProperties, encryptProperties, type SecretCodec } from "./properties";

/**
 * The fields of apitype.ResourceV3 in Go's order; the ones that the engine's model lacks are carried through unread, and so are, after
 * them, the ones of a newer CLI.
 */
const FIELDS = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "taint",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
  "refreshBeforeUpdate",
  "viewOf",
  "resourceHooks",
  "extensionRef",
  "snippetID",
] as const;

const strings = z.array(z.string()).optional();
const properties = z.record(z.unknown()).nullish();

/** What must be right in a state file before the engine acts on it; Go writes null for some empty lists and maps. */
export const resourceSchema = z
  .object({
    urn: z.string().min(1),
    custom: z.boolean().default(false),
    delete: z.boolean().optional(),
    id: z.string().optional(),
    type: z.string().min(1),
    inputs: properties,
    outputs: properties,
    parent: z.string().optional(),
    protect: z.boolean().optional(),
    external: z.boolean().optional(),
    dependencies: strings,
    initErrors: strings,
    provider: z.string().optional(),
    propertyDependencies: z.record(z.array(z.string()).nullable()).optional(),
    pendingReplacement: z.boolean().optional(),
    additionalSecretOutputs: strings,
    aliases: strings,
    customTimeouts: z.record(z.number()).optional(),
    retainOnDelete: z.boolean().optional(),
    deletedWith: z.string().optional(),
    created: z.string().optional(),
    modified: z.string().optional(),
    ignoreChanges: strings,
    replaceOnChanges: strings,
    sourcePosition: z.string().optional(),
  })
  .passthrough();

export const operationSchema = z.object({
  resource: resourceSchema,
  type: z.enum(["creating", "updating", "deleting", "reading", "importing"]),
  /** This engine's own, which the CLI passes over. */
  attempt: z.string().optional(),
});

export type StoredResource = z.output<typeof resourceSchema>;
export type StoredOperation = z.output<typeof operationSchema>;

/** Where a resource's secrets lie, for messages and for the vault. Two states of one URN differ by id. */
function placeOf(resource: { urn: string; id?: string | undefined }, part: "inputs" | "outputs"): string {
  return `${resource.urn}${resource.id === undefined ? "" : `(${resource.id})`}.${part}`;
}

export function readResource(stored: StoredResource, codec: SecretCodec): ResourceState {
  const { inputs, outputs, propertyDependencies, ...rest } = stored;
  const dependencies = Object.entries(propertyDependencies ?? {}).map(([key, urns]) => [key, urns ?? []]);
  return {
    ...(rest as Omit<ResourceState, "inputs" | "outputs">),
    inputs: decryptProperties((inputs ?? {}) as JsonObject, codec, placeOf(stored, "inputs")),
    outputs: decryptProperties((outputs ?? {}) as JsonObject, codec, placeOf(stored, "outputs")),
    ...(propertyDependencies === undefined
      ? {}
      : { propertyDependencies: Object.fromEntries(dependencies) as Record<string, string[]> }),
  };
}

/** Writes a resource as Go's `json` with `omitempty` does: `urn`, `custom` and `type` always, the rest unless empty. */
export function writeResource(resource: ResourceState, codec: SecretCodec, plaintext = false): Record<string, unknown> {
  const values: Record<string, unknown> = {
    ...resource,
    inputs: encryptProperties(resource.inputs, codec, placeOf(resource, "inputs"), plaintext),
    outputs: encryptProperties(resource.outputs, codec, placeOf(resource, "outputs"), plaintext),
  };
  const written: Record<string, unknown> = {};
  const unknown = Object.keys(values).filter((field) => !(FIELDS as readonly string[]).includes(field));
  for (const field of [...FIELDS, ...unknown]) {
    const value = field === "customTimeouts" ? withoutZeros(resource.customTimeouts) : values[field];
    if (field === "urn" || field === "custom" || field === "type" || !isEmpty(value)) written[field] = value;
  }
  return written;
}

export function readOperation(stored: StoredOperation, codec: SecretCodec): PendingOperation {
  const { resource, type, attempt } = stored;
  return {
    resource: readResource(resource, codec),
    type: type as PendingOperationKind,
    ...(attempt === undefined ? {} : { attempt }),
  };
}

export function writeOperation(operation: PendingOperation, codec: SecretCodec, plaintext = false): unknown {
  const { resource, ...rest } = operation;
  return { resource: writeResource(resource, codec, plaintext), ...rest };
}

function withoutZeros(timeouts: ResourceState["customTimeouts"]): Record<string, number> {
  return Object.fromEntries(Object.entries(timeouts ?? {}).filter(([, seconds]) => seconds !== 0));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "" || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}
