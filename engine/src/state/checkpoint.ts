import { createHash } from "node:crypto";

import { z } from "zod";

import { integrityError } from "../core/integrity";
import type { Snapshot } from "../model";
import { Failure } from "../failure";
import { parseJson } from "./files";
import {
  operationSchema,
  readOperation,
  readResource,
  resourceSchema,
  writeOperation,
  writeResource,
} from "./resource-format";
import type { SecretCodec } from "./properties";

/** apitype.DeploymentV3. */
const deploymentSchema = z
  .object({
    manifest: z.object({ time: z.string(), magic: z.string(), version: z.string() }).passthrough(),
    secrets_providers: z.object({ type: z.string(), state: z.unknown() }).optional(),
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z.array(operationSchema).nullish(),
    metadata: z.record(z.unknown()).optional(),
  })
  .passthrough();
export type Deployment = z.output<typeof deploymentSchema>;

const features = z.array(z.string()).nullish();
const checkpointSchema = z.object({
  version: z.number().int(),
  features,
  checkpoint: z.object({ stack: z.string().optional(), latest: deploymentSchema.nullish() }),
});
const exportSchema = z.object({ version: z.number().int(), features, deployment: deploymentSchema });

/** Which versions of the format are understood; 4 only differs in naming the features that it uses, of which this engine knows none. */
const VERSIONS = [3, 4];

export const EMPTY_SNAPSHOT: Snapshot = { resources: [], pendingOperations: [] };

/**
 * Reads a state file's text.
 *
 * @returns undefined for a stack that has never been updated.
 * @throws Failure that names the file and the place in it.
 */
export function parseCheckpoint(content: string, file: string): Deployment | undefined {
  const { checkpoint, version, features } = check(checkpointSchema, parseJson(content, file), file);
  checkVersion(version, features ?? [], file);
  return checkpoint.latest ?? undefined;
}

/** Reads what `stack export` wrote. */
export function parseExport(content: string, file: string): Deployment {
  const { deployment, version, features } = check(exportSchema, parseJson(content, file), file);
  checkVersion(version, features ?? [], file);
  return deployment;
}

function checkVersion(version: number, used: readonly string[], file: string): void {
  if (used.length > 0) {
    throw new Failure(`${file} uses ${used.join(", ")}, which this engine does not know. Use the Pulumi CLI for it`);
  }
  if (VERSIONS.includes(version)) return;
  throw new Failure(
    `${file} has version ${version}; this engine reads ${VERSIONS.join(" and ")}. Use the Pulumi CLI for it`,
  );
}

function check<T extends z.ZodTypeAny>(schema: T, value: unknown, file: string): z.output<T> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data as z.output<T>;
  const [issue] = checked.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new Failure(
    `${file} is not a Pulumi state: ${place === "" ? "at the top" : place}: ${issue?.message ?? "unknown"}`,
  );
}

/** The salt that a deployment's secrets were encrypted with; undefined when it has no secrets provider. */
export function saltOf(deployment: Deployment | undefined, file: string): string | undefined {
  const provider = deployment?.secrets_providers;
  if (provider === undefined || provider.type === "") return undefined;
  if (provider.type !== "passphrase") {
    throw new Failure(
      `${file} uses the secrets provider '${provider.type}'; this engine knows only 'passphrase'. Use the Pulumi CLI for it`,
    );
  }
  const { salt } = check(z.object({ salt: z.string() }), provider.state, file);
  return salt;
}

export function readSnapshot(deployment: Deployment | undefined, codec: SecretCodec): Snapshot {
  return {
    resources: (deployment?.resources ?? []).map((resource) => readResource(resource, codec)),
    pendingOperations: (deployment?.pending_operations ?? []).map((operation) => readOperation(operation, codec)),
  };
}

/** What a written state says of its writer. */
export interface Manifest {
  readonly time: Date;
  readonly version: string;
}

/** @returns why the CLI would refuse to use this state, and this engine does; undefined: it is whole. */
export function deploymentError(deployment: Deployment, snapshot: Snapshot): string | undefined {
  const { magic, version } = deployment.manifest;
  if (magic !== magicOf(version))
    return "its manifest's magic is not that of its version: it was damaged or tampered with";
  return integrityError(snapshot.resources);
}

function magicOf(version: string): string {
  return version === "" ? "" : createHash("sha256").update(version).digest("hex");
}

/** Makes the deployment of a snapshot, in the CLI's field order. */
export function writeDeployment(
  snapshot: Snapshot,
  codec: SecretCodec,
  salt: string | undefined,
  manifest: Manifest,
  plaintext = false,
): Record<string, unknown> {
  const { resources, pendingOperations } = snapshot;
  return {
    manifest: {
      time: manifest.time.toISOString(),
      magic: magicOf(manifest.version),
      version: manifest.version,
    },
    ...(salt === undefined ? {} : { secrets_providers: { type: "passphrase", state: { salt } } }),
    ...(resources.length === 0 ? {} : { resources: resources.map((each) => writeResource(each, codec, plaintext)) }),
    ...(pendingOperations.length === 0
      ? {}
      : { pending_operations: pendingOperations.map((each) => writeOperation(each, codec, plaintext)) }),
    metadata: {},
  };
}

/** The state file's text for a deployment. */
export function formatCheckpoint(stack: string, deployment: Record<string, unknown>): string {
  return JSON.stringify({ version: 3, checkpoint: { stack, latest: deployment } });
}
