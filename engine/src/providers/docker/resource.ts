/** What the provider needs to know of each of its resource types. */
import { z } from "zod";
import type {
  Attempt,
  CheckFailure,
  DeleteRequest,
  DiffResult,
  DiscardRequest,
  Json,
  JsonObject,
  ProviderLog,
} from "../../provider";
import type { Fields } from "../schema";
import { scalar } from "../value";
import type { Connection } from "./connection";
import { isNotFound } from "./daemon-error";

/** What a running call may use. */
export interface Call {
  readonly connection: Connection;
  readonly urn: string;
  readonly log: ProviderLog;
  /** Relative paths of a program's files start here. */
  readonly programFolder: string;
  readonly signal: AbortSignal;
}

export interface Created {
  readonly id: string;
  readonly outputs: JsonObject;
}

export interface ResourceKind {
  readonly fields: Fields;
  readonly autoName?: string;
  /** The real provider's `__meta`: without it, it takes the state for an old schema version. */
  readonly meta: JsonObject;
  /** Outputs that no input says: unknown in a preview. */
  readonly outputs: readonly string[];
  deleteBeforeReplace(news: JsonObject): boolean;
  /** What single fields cannot see; inputs may hold unknowns. */
  invalid?(inputs: JsonObject): CheckFailure[];
  /** What the outputs tell beyond the differences of single fields. */
  completeDiff?(diff: DiffResult, oldOutputs: JsonObject): DiffResult;
  /** @param inputs checked, known, without reserved keys */
  create(call: Call, inputs: JsonObject, timeoutMs: number, attempt: Attempt): Promise<Created>;
  /** @returns undefined when it is gone. `known` are the inputs, or the outputs when there are no inputs; empty for an import. */
  read(call: Call, id: string, known: JsonObject, old: JsonObject): Promise<Created | undefined>;
  update(call: Call, id: string, inputs: JsonObject, old: JsonObject): Promise<JsonObject>;
  delete(call: Call, request: DeleteRequest): Promise<void>;
  /** As the provider's. The inputs have their reserved keys. */
  discard(call: Call, request: DiscardRequest): Promise<true | string>;
}

const TIMEOUTS = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";
export const DEFAULT_TIMEOUT_MS = 20 * 60_000;
const nanoseconds = DEFAULT_TIMEOUT_MS * 1_000_000;
export const timeoutsMeta: JsonObject = {
  [TIMEOUTS]: { create: nanoseconds, delete: nanoseconds, update: nanoseconds },
};

/** Waits, and ends at once when the call is cancelled. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): void => {
      clearTimeout(timer);
      reject(new Error("cancelled"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", cancelled);
      resolve();
    }, ms);
    if (signal.aborted) cancelled();
    else signal.addEventListener("abort", cancelled, { once: true });
  });
}

const REMOVAL_POLL_MS = 100;

export interface Removal {
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Whether an attempt that failed with this may succeed later. */
  readonly mayPass: (error: unknown) => boolean;
}

/**
 * Removes something, and tries again for a while where it is in use still. What is gone already is removed.
 * @throws the last attempt's error
 */
export async function untilRemoved(
  remove: () => Promise<unknown>,
  { limitMs, signal, mayPass }: Removal,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!mayPass(error) || performance.now() > deadline) throw error;
    }
    await sleep(REMOVAL_POLL_MS, signal);
  }
}

/** A name of the program's own can be had once only (two networks of one name would be told apart by id alone): the old one goes first. */
export const isNamedByProgram = (news: JsonObject): boolean =>
  !(Array.isArray(news["__defaults"]) && news["__defaults"].includes("name"));

/** A map of Docker's in an answer, which it also says as null or not at all. */
export const textRecord = z
  .record(z.string())
  .nullish()
  .transform((value) => value ?? {});

/** `label`/`value` pairs as Docker's map, and back. */
export const labelMap = (labels: readonly JsonObject[]): Record<string, string> =>
  Object.fromEntries(labels.map(({ label, value }) => [scalar(label), scalar(value)]));
export const labelList = (labels: Readonly<Record<string, string>> | null | undefined): Json[] =>
  Object.entries(labels ?? {}).map(([label, value]) => ({ label, value }));
