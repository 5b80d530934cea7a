/**
 * What the engine does to a resource, with secrets: a provider behind it never sees one, and what comes back from it is marked again.
 */
import { randomBytes } from "node:crypto";
import type { PendingOperation, ResourceState } from "../model";
import {
  ResourceInitError,
  type Attempt,
  type CheckFailure,
  type CheckResult,
  type CreateResult,
  type DiffResult,
  type JsonObject,
  type Provider,
  type ReadResult,
  type ResourceName,
} from "../provider";
import { nameOf, typeOf } from "./urn";
import { containsUnknown, markSecrets, toProvider } from "./values";

/** A check that found the inputs wrong. */
export class CheckError extends Error {
  constructor(urn: string, failures: readonly CheckFailure[]) {
    const reasons = failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
    super(`${typeOf(urn)} resource '${nameOf(urn)}' has a problem: ${reasons.join("; ")}`);
    this.name = "CheckError";
  }
}

export interface DiffSubject {
  readonly old: ResourceState;
  readonly news: JsonObject;
  readonly ignoreChanges: readonly string[];
}

/** The calls that steps make, for resources of a provider and for provider resources alike. */
export interface Lifecycle {
  /** @throws CheckError */
  check(urn: string, news: JsonObject, olds: JsonObject | undefined): Promise<JsonObject>;
  diff(subject: DiffSubject): Promise<DiffResult>;
  /** @throws ResourceInitError with its outputs marked */
  create(next: ResourceState, attempt?: Attempt): Promise<CreateResult>;
  /** Removes what an interrupted creation left behind, but nothing whose id is in `keep`; else says why not. */
  discard(operation: PendingOperation, keep: ReadonlySet<string>): Promise<true | string>;
  /** @returns the new outputs. @throws ResourceInitError with its outputs marked */
  update(old: ResourceState, next: ResourceState): Promise<JsonObject>;
  delete(state: ResourceState): Promise<void>;
  read(state: ResourceState): Promise<ReadResult>;
  /** Reads what the state does not know yet, by its id; what the program says is secret is marked. */
  import(next: ResourceState, id: string): Promise<ReadResult>;
}

export function nameFields(urn: string): ResourceName {
  return { urn, type: typeOf(urn), name: nameOf(urn) };
}

/** Says that the provider cannot be asked, because its settings become known only during the update. */
export const DIFF_UNAVAILABLE =
  "The provider for this resource has inputs that are not known during preview.\n" +
  "This preview may not correctly represent the changes that will be applied during an update.";

export interface ResourceLifecycleOptions {
  readonly preview: boolean;
  /** False in a preview in which the provider's own settings are not known yet: then it must not be called. */
  readonly configured: boolean;
}

export class ResourceLifecycle implements Lifecycle {
  constructor(
    private readonly provider: Provider,
    private readonly options: ResourceLifecycleOptions,
  ) {}

  async check(urn: string, news: JsonObject, olds: JsonObject | undefined): Promise<JsonObject> {
    if (!this.options.configured) return news;
    const result: CheckResult = await this.provider.check({
      ...nameFields(urn),
      ...(olds ? { olds: toProvider(olds) } : {}),
      news: toProvider(news),
      randomSeed: randomBytes(32),
    });
    if (result.failures.length > 0) throw new CheckError(urn, result.failures);
    return markSecrets(result.inputs, news);
  }

  async diff({ old, news, ignoreChanges }: DiffSubject): Promise<DiffResult> {
    if (!this.options.configured) throw new Error(DIFF_UNAVAILABLE);
    return this.provider.diff({
      ...nameFields(old.urn),
      id: old.id ?? "",
      oldInputs: toProvider(old.inputs),
      oldOutputs: toProvider(old.outputs),
      news: toProvider(news),
      ignoreChanges,
    });
  }

  async create(next: ResourceState, attempt?: Attempt): Promise<CreateResult> {
    const { preview, configured } = this.options;
    if (!configured) return { id: "", outputs: {} };
    const result = await marking(next.inputs, () =>
      this.provider.create({
        ...nameFields(next.urn),
        inputs: toProvider(next.inputs),
        attempt,
        timeoutSeconds: next.customTimeouts?.create ?? 0,
        preview,
      }),
    );
    if (result.id === "" && !preview) throw new Error(`the provider returned no id for ${next.urn}`);
    return { id: preview ? "" : result.id, outputs: markSecrets(result.outputs, next.inputs) };
  }

  async discard({ resource, attempt }: PendingOperation, keep: ReadonlySet<string>): Promise<true | string> {
    const { urn, id, inputs } = resource;
    const request = { ...nameFields(urn), inputs: toProvider(inputs), id, attempt, keep };
    return (await this.provider.discard?.(request)) ?? "the provider cannot tell what it is";
  }

  async update(old: ResourceState, next: ResourceState): Promise<JsonObject> {
    const { preview, configured } = this.options;
    if (!configured) return {};
    const outputs = await marking(next.inputs, () =>
      this.provider.update({
        ...nameFields(next.urn),
        id: old.id ?? "",
        oldInputs: toProvider(old.inputs),
        oldOutputs: toProvider(old.outputs),
        news: toProvider(next.inputs),
        timeoutSeconds: next.customTimeouts?.update ?? 0,
        ignoreChanges: next.ignoreChanges ?? [],
        preview,
      }),
    );
    return markSecrets(outputs, next.inputs);
  }

  async delete(state: ResourceState): Promise<void> {
    await this.provider.delete({
      ...nameFields(state.urn),
      id: state.id ?? "",
      oldInputs: toProvider(state.inputs),
      oldOutputs: toProvider(state.outputs),
      timeoutSeconds: state.customTimeouts?.delete ?? 0,
    });
  }

  async read(state: ResourceState): Promise<ReadResult> {
    if (!this.options.configured) return { id: state.id ?? "", outputs: {} };
    const secrets = mergedSecrets(state);
    const result = await marking(secrets, () =>
      this.provider.read({
        ...nameFields(state.urn),
        id: state.id ?? "",
        inputs: toProvider(state.inputs),
        outputs: toProvider(state.outputs),
        timeoutSeconds: state.customTimeouts?.read ?? 0,
      }),
    );
    return {
      id: result.id,
      outputs: markSecrets(markSecrets(result.outputs, state.outputs), state.inputs),
      ...(result.inputs ? { inputs: markSecrets(result.inputs, state.inputs) } : {}),
    };
  }

  async import(next: ResourceState, id: string): Promise<ReadResult> {
    // In a preview with settings that are not known yet, what the program says has to do.
    if (!this.options.configured) return { id, inputs: next.inputs, outputs: next.inputs };
    const timeoutSeconds = next.customTimeouts?.read ?? 0;
    const result = await marking(next.inputs, () =>
      this.provider.read({ ...nameFields(next.urn), id, timeoutSeconds }),
    );
    return {
      id: result.id,
      outputs: markSecrets(result.outputs, next.inputs),
      ...(result.inputs ? { inputs: markSecrets(result.inputs, next.inputs) } : {}),
    };
  }
}

function mergedSecrets({ inputs, outputs }: ResourceState): JsonObject {
  return { ...outputs, ...inputs };
}

/** A partial failure carries outputs, and they need their secrets back as much as those of a success. */
async function marking<T>(secrets: JsonObject, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ResourceInitError)) throw error;
    // A dynamic resource can be deleted only with the source of its provider, and such an error comes without it.
    const source: JsonObject = secrets.__provider === undefined ? {} : { __provider: secrets.__provider };
    const outputs = markSecrets({ ...source, ...error.outputs }, secrets);
    throw new ResourceInitError(error.message, error.id, outputs, error.reasons);
  }
}

/** Whether a provider may be called with these settings. */
export function isKnown(config: JsonObject): boolean {
  return !containsUnknown(config);
}
