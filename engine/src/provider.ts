/**
 * The shape of a resource provider, as Pulumi's ResourceProvider service has it. An in-process provider (docker, random) and one that
 * is reached over gRPC (dynamic, or a real provider binary) are interchangeable behind it.
 *
 * Values are plain JSON in Pulumi's wire form: no secrets (the core strips them before a call and marks them again after it), and an
 * unknown value is the string UNKNOWN. Assets and archives do not occur.
 */

/** What stands for a value that is not known until an update has run (Pulumi's wire form). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** Which resource a call is about. */
export interface ResourceName {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

export interface CheckRequest extends ResourceName {
  /** The inputs of the last deployment; absent for a resource that is new or is being recreated. */
  readonly olds?: JsonObject;
  readonly news: JsonObject;
  /** 32 bytes from which an automatic name is derived. */
  readonly randomSeed: Uint8Array;
}
export interface CheckFailure {
  /** Path of the input, such as `ports[0].internal`; empty when it is about the whole resource. */
  readonly property: string;
  readonly reason: string;
}
export interface CheckResult {
  readonly inputs: JsonObject;
  readonly failures: readonly CheckFailure[];
}

export interface DiffRequest extends ResourceName {
  readonly id: string;
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
  readonly news: JsonObject;
  readonly ignoreChanges: readonly string[];
}
export type PropertyDiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";
export interface DiffResult {
  /** "unknown": the provider cannot tell; the engine compares the inputs itself. */
  readonly changes: "none" | "some" | "unknown";
  /** Property paths that force a replacement. */
  readonly replaces: readonly string[];
  /** Top-level properties that differ. */
  readonly diffs: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly detailed?: Readonly<Record<string, { kind: PropertyDiffKind; inputDiff: boolean }>>;
}

/** One try to create something. */
export interface Attempt {
  /** Unlike every other attempt's. Empty in a preview. */
  readonly name: string;
  /** To be called as soon as something exists under this id, where what was made cannot bear the attempt's name. */
  made(id: string): void;
}

export interface CreateRequest extends ResourceName {
  readonly inputs: JsonObject;
  readonly attempt?: Attempt | undefined;
  /** Seconds; 0 means the provider's own default. */
  readonly timeoutSeconds: number;
  readonly preview: boolean;
}
export interface CreateResult {
  readonly id: string;
  readonly outputs: JsonObject;
}

export interface DiscardRequest extends ResourceName {
  readonly inputs: JsonObject;
  /** Of what was made, if that was noted. */
  readonly id?: string | undefined;
  /** Absent: another engine's attempt. */
  readonly attempt?: string | undefined;
  readonly keep: ReadonlySet<string>;
}

export interface ReadRequest extends ResourceName {
  readonly id: string;
  readonly inputs?: JsonObject;
  readonly outputs?: JsonObject;
  /** Seconds; 0 or absent means the provider's own default. */
  readonly timeoutSeconds?: number;
}
export interface ReadResult {
  /** Empty: the resource is gone. */
  readonly id: string;
  readonly inputs?: JsonObject;
  readonly outputs: JsonObject;
}

export interface UpdateRequest extends ResourceName {
  readonly id: string;
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
  readonly news: JsonObject;
  readonly timeoutSeconds: number;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
}

export interface DeleteRequest extends ResourceName {
  readonly id: string;
  readonly oldInputs: JsonObject;
  readonly oldOutputs: JsonObject;
  readonly timeoutSeconds: number;
}

/** Progress and warnings that belong to one resource, shown beside it while a call runs. */
export type ProviderLog = (severity: "debug" | "info" | "warning" | "error", message: string, urn: string) => void;

/** A resource exists, but is not in the state that was asked for (Pulumi's ErrorResourceInitFailed): it is saved with its reasons. */
export class ResourceInitError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly outputs: JsonObject,
    readonly reasons: readonly string[],
  ) {
    super(message);
    this.name = "ResourceInitError";
  }
}

export interface Provider {
  /** The provider's own settings, some of them UNKNOWN, in the form that the state keeps. @default as given; `configure` refuses */
  checkConfig?(config: JsonObject, urn: string): Promise<CheckResult>;
  /** Checks and takes the provider's own configuration (`docker:host` and the like, without the prefix). */
  configure(config: JsonObject): Promise<void>;
  /** It will be called soon: begins what takes time, such as a process. What goes wrong shows at the first call. @default nothing to begin */
  prepare?(): void;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  /** @throws ResourceInitError when it was created but did not become what was asked for; any other error: nothing was created. */
  create(request: CreateRequest): Promise<CreateResult>;
  /**
   * Removes what a creation that was cut short (this process was killed in the middle) may have left behind: what is provably that
   * attempt's, and nothing whose id is in `keep`. The same name and labels are no proof: another checkout of the program has them too.
   *
   * @returns true when nothing of it is left; else what there may be, and how a person removes it. @default nobody can tell
   */
  discard?(request: DiscardRequest): Promise<true | string>;
  read(request: ReadRequest): Promise<ReadResult>;
  /** @returns the new outputs. */
  update(request: UpdateRequest): Promise<JsonObject>;
  /** A resource that is gone already is no error. */
  delete(request: DeleteRequest): Promise<void>;
  invoke(token: string, args: JsonObject): Promise<{ result: JsonObject; failures: readonly CheckFailure[] }>;
  /** Asks running calls to end soon; they then fail. */
  cancel(): void;
  close(): Promise<void>;
}

export interface ProviderContext {
  readonly log: ProviderLog;
  readonly programFolder: string;
}

/** Makes a provider that lives in this process; it may have to be loaded first. */
export type ProviderFactory = (context: ProviderContext) => Provider | Promise<Provider>;
