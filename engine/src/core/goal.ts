/** What the program asks for in one registration, decoded, with what it inherits from its parent. */
import { pathToFileURL } from "node:url";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { SourcePosition } from "@pulumi/pulumi/proto/source_pb";
import type { ResourceState } from "../model";
import type { JsonObject } from "../provider";
import { fromStruct } from "./struct";
import { packageOf, parseReference, providedPackage, typeOf } from "./urn";
import { downgradeOutputs } from "./values";

/** An earlier name of a resource: its URN, or what differs from its present one. */
export interface Alias {
  readonly urn?: string;
  readonly name?: string;
  readonly type?: string;
  readonly stack?: string;
  readonly project?: string;
  readonly parent?: string;
  readonly noParent?: boolean;
}

export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: JsonObject;
  /** URN; empty: none. */
  readonly parent: string;
  /** `urn::id`; empty: the default provider, or none for a component. */
  readonly provider: string;
  /** Package to provider reference, for the children of a component. */
  readonly providers: Readonly<Record<string, string>>;
  readonly version: string;
  readonly pluginDownloadUrl: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect?: boolean | undefined;
  readonly retainOnDelete?: boolean | undefined;
  readonly deletedWith: string;
  readonly deleteBeforeReplace?: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly hideDiffs: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly Alias[];
  readonly importId: string;
  readonly customTimeouts: NonNullable<ResourceState["customTimeouts"]>;
  readonly sourcePosition?: string | undefined;
}

/** A look at what somebody else manages, by its id. */
export interface ReadGoal extends Goal {
  readonly id: string;
}

/** A goal without any option. */
export const NO_OPTIONS: Omit<Goal, "type" | "name" | "custom" | "inputs"> = {
  parent: "",
  provider: "",
  providers: {},
  version: "",
  pluginDownloadUrl: "",
  dependencies: [],
  propertyDependencies: {},
  deletedWith: "",
  ignoreChanges: [],
  replaceOnChanges: [],
  hideDiffs: [],
  additionalSecretOutputs: [],
  aliases: [],
  importId: "",
  customTimeouts: {},
};

/** @throws Error when a custom timeout cannot be read. */
export function goalOf(request: RegisterResourceRequest, programFolder: string): Goal {
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs: downgradeOutputs(fromStruct(request.getObject())),
    parent: request.getParent(),
    provider: request.getProvider(),
    providers: providersOf(request),
    version: request.getVersion(),
    pluginDownloadUrl: request.getPlugindownloadurl(),
    dependencies: request.getDependenciesList().sort(),
    propertyDependencies: propertyDependenciesOf(request),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    hideDiffs: request.getHidediffsList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: aliasesOf(request),
    importId: request.getImportid(),
    customTimeouts: timeoutsOf(request),
    sourcePosition: sourcePositionOf(request.getSourceposition(), programFolder),
  };
}

function propertyDependenciesOf(request: RegisterResourceRequest): Record<string, string[]> {
  const dependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((urns, key) => (dependencies[key] = urns.getUrnsList().sort()));
  return dependencies;
}

function providersOf(request: RegisterResourceRequest): Record<string, string> {
  const providers: Record<string, string> = {};
  request.getProvidersMap().forEach((reference, packageName) => (providers[packageName] = reference));
  return providers;
}

function aliasesOf(request: RegisterResourceRequest): Alias[] {
  const urns = request.getAliasurnsList().map((urn) => ({ urn }));
  return [
    ...urns,
    ...request.getAliasesList().map((alias): Alias => {
      const spec = alias.getSpec();
      if (!spec) return { urn: alias.getUrn() };
      return {
        name: spec.getName(),
        type: spec.getType(),
        stack: spec.getStack(),
        project: spec.getProject(),
        parent: spec.getParenturn(),
        noParent: spec.getNoparent(),
      };
    }),
  ];
}

function timeoutsOf(request: RegisterResourceRequest): Goal["customTimeouts"] {
  const timeouts = request.getCustomtimeouts();
  const [create, update, remove] = [timeouts?.getCreate(), timeouts?.getUpdate(), timeouts?.getDelete()];
  const read = timeouts?.getRead();
  return {
    ...(create ? { create: durationSeconds(create) } : {}),
    ...(update ? { update: durationSeconds(update) } : {}),
    ...(remove ? { delete: durationSeconds(remove) } : {}),
    ...(read ? { read: durationSeconds(read) } : {}),
  };
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** @throws Error for anything but a duration as Go writes it: `90s`, `1h30m`, `500ms`. */
export function durationSeconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`invalid custom timeout ${JSON.stringify(text)}: write a duration such as "90s", "10m" or "1h30m"`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ""] ?? 0), 0);
}

function sourcePositionOf(position: SourcePosition | undefined, programFolder: string): string | undefined {
  const root = `${pathToFileURL(programFolder).href}/`;
  if (!position?.getUri().startsWith(root)) return undefined;
  const place = [position.getLine(), position.getColumn()].filter((n) => n > 0).join(",");
  return `project:///${position.getUri().slice(root.length)}${place === "" ? "" : `#${place}`}`;
}

/** Fills in what a child takes from its parent when it says nothing itself. */
export function inherit(goal: Goal, parent: Goal | undefined): Goal {
  if (!parent) return goal;
  const package_ = packageOf(goal.type);
  const usable = parent.provider !== "" && providedPackage(typeOf(parseReference(parent.provider).urn)) === package_;
  return {
    ...goal,
    protect: goal.protect ?? parent.protect,
    retainOnDelete: goal.retainOnDelete ?? parent.retainOnDelete,
    deletedWith: goal.deletedWith === "" ? parent.deletedWith : goal.deletedWith,
    provider: goal.provider === "" && goal.custom && usable ? parent.provider : goal.provider,
    providers: goal.custom ? goal.providers : { ...parent.providers, ...goal.providers },
  };
}
