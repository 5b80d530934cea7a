/**
 * What the engine's parts say to each other. Property values are everywhere Pulumi's wire form as plain JSON: a secret is
 * `{[SIGNATURE]: SECRET, value: …}`, an unknown is UNKNOWN. Only `state/` turns secrets into ciphertext and back.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { Json, JsonObject, PropertyDiffKind, ProviderFactory } from "./provider";

/** The key that marks an object as one of Pulumi's special values, and the marks that this engine reads. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

export const ROOT_STACK_TYPE = "pulumi:pulumi:Stack";

/** One resource of the state, with the names that the state file uses. Absent and false or empty mean the same. */
export interface ResourceState {
  urn: string;
  custom: boolean;
  /** Replaced or no longer wanted, not deleted yet. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs: JsonObject;
  outputs: JsonObject;
  parent?: string;
  protect?: boolean;
  external?: boolean;
  dependencies?: string[];
  initErrors?: string[];
  /** `urn::id` of the provider resource. */
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  aliases?: string[];
  /** Seconds. */
  customTimeouts?: { create?: number; update?: number; delete?: number; read?: number };
  /** The id that the program's option `import` named. */
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  /** URNs; written by the CLI alone. */
  replaceWith?: string[];
  /** RFC 3339. */
  created?: string;
  modified?: string;
  ignoreChanges?: string[];
  replaceOnChanges?: string[];
  /** Paths of properties whose changes are not to be shown. */
  hideDiff?: string[];
  /** To be replaced by the next update (`pulumi state taint`). */
  taint?: boolean;
  sourcePosition?: string;
}

export type PendingOperationKind = "creating" | "updating" | "deleting" | "reading";
export interface PendingOperation {
  /** Of a creation: with the id, as soon as it is known. */
  resource: ResourceState;
  type: PendingOperationKind;
  /** Tells this attempt from every other; a provider may put it on what it makes. Absent: the CLI's operation. */
  attempt?: string;
}

/** Everything a stack's state holds but its secrets provider. `resources` is in dependency order: what is needed comes first. */
export interface Snapshot {
  resources: ResourceState[];
  pendingOperations: PendingOperation[];
}

export type StepOp =
  | "same"
  | "create"
  | "update"
  | "replace" // the logical step, shown once per replacement
  | "create-replacement"
  | "delete-replaced"
  | "delete"
  | "read"
  | "import" // taking over what exists outside; a step of the usual kind follows
  | "refresh";

/** One property that a step changes; values may be secrets (never show those). */
export interface PropertyChange {
  path: string;
  kind: PropertyDiffKind;
  before?: Json;
  after?: Json;
}

/** What the display, the JSON output and the tests listen to. */
export type EngineEvent =
  | { type: "prelude"; config: Record<string, string> }
  | { type: "step-start"; step: StepEvent }
  | { type: "step-done"; step: StepEvent; seconds: number }
  | { type: "step-failed"; step: StepEvent; seconds: number; message: string }
  | { type: "outputs"; urn: string; outputs: JsonObject }
  /** `urn` empty: about the whole run. `ephemeral`: a progress note that the next one replaces. */
  | {
      type: "diagnostic";
      severity: "debug" | "info" | "warning" | "error";
      urn: string;
      message: string;
      ephemeral?: boolean;
    }
  /** A line that the program printed on its own stdout or stderr. */
  | { type: "program-output"; stream: "stdout" | "stderr"; line: string }
  | { type: "summary"; summary: DeploymentSummary };

export interface StepEvent {
  op: StepOp;
  urn: string;
  resourceType: string;
  /** Not shown in the summary's counts (providers, the step pair of one replacement counts once). */
  internal: boolean;
  old?: ResourceState;
  new?: ResourceState;
  changes: PropertyChange[];
}

export interface DeploymentSummary {
  kind: DeploymentKind;
  /** Counts by op, `same` included; a replacement counts once as `replace`. */
  counts: Partial<Record<StepOp, number>>;
  seconds: number;
  failed: boolean;
  interrupted: boolean;
}

export type DeploymentKind = "preview" | "update" | "refresh" | "destroy";

/** A process that was started for the program, and waits to be told what to run. */
export interface ProgramProcess {
  readonly child: ChildProcess & { stdout: Readable; stderr: Readable };
  /** When it has ended and all that it printed has been read. */
  readonly closed: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** Once. `args` are those of the SDK's runner. */
  run(args: readonly string[], env: Readonly<Record<string, string>>): void;
}

/** What a run is about. URNs may have `*` for anything but a colon, and `**` for anything. */
export interface Selection {
  /** Empty: everything. */
  readonly targets: readonly string[];
  /** What needs a target is one. @default false */
  readonly targetDependents?: boolean;
  /** What is left alone, if there are no targets. @default none */
  readonly excludes?: readonly string[];
  /** What needs something excluded is excluded. @default false */
  readonly excludeDependents?: boolean;
  /** What is replaced, whatever its provider says. @default none */
  readonly replaces?: readonly string[];
}

export interface DeploymentOptions extends Selection {
  kind: DeploymentKind;
  project: string;
  stack: string;
  organization: string;
  /** Absolute; where Pulumi.yaml lies. */
  programFolder: string;
  /** Pulumi.yaml's `main`, relative to the folder. @default "." */
  main: string;
  /** `namespace:key` to plaintext string (objects and lists as JSON), with project defaults applied. */
  config: Record<string, string>;
  secretConfigKeys: string[];
  /** The state before; the engine does not modify it. */
  snapshot: Snapshot;
  /** Saves the state durably; called before and after each mutation, never concurrently. Not called by a preview. */
  save(snapshot: Snapshot): Promise<void>;
  /** In-process providers by package name (`docker`, `random`); dynamic resources are built in. */
  providers: Readonly<Record<string, ProviderFactory>>;
  onEvent(event: EngineEvent): void;
  /** For a refresh or a destroy: only show what would be done; a preview always is one. @default false */
  dryRun?: boolean;
  /** Gives a process for the program that was started beforehand; undefined: there is none (any more). */
  takeProcess?(): ProgramProcess | undefined;
  /** How node runs the program. @default as TypeScript, without arguments */
  runtime?: { nodeArguments: readonly string[]; typescript: boolean; tsconfig?: string | undefined };
  /** Types of the program are checked first, unless that was done. @default false */
  checkTypes?: boolean;
  /** Debug messages of the program are wanted too. @default false */
  debug?: boolean;
  /** @default 16 */
  parallel: number;
  /** Refresh before the update or preview (`--refresh`). @default false */
  refresh: boolean;
  /** A step that fails ends only what needs it; the run fails all the same. @default false */
  continueOnError?: boolean;
  /** Aborted: no new step starts, running ones are cancelled and awaited, the state is saved. */
  signal: AbortSignal;
  /** Outputs of other stacks, for StackReference: undefined when there is no such stack. */
  readStackOutputs(organizationProjectStack: string): Promise<JsonObject | undefined>;
  /** The resources of a stack, likewise. */
  readStackResources(organizationProjectStack: string): Promise<readonly ResourceState[] | undefined>;
}

export interface DeploymentResult {
  summary: DeploymentSummary;
  /** The state after; of a preview: the one that was passed in. */
  snapshot: Snapshot;
}
