/** URNs, and references to provider resources (`urn::id`). */
import { ROOT_STACK_TYPE } from "../model";

const PROVIDER_TYPE_PREFIX = "pulumi:providers:";

/** Everything between the project and the name: the types of all parents, joined by `$`, and the type. */
export function qualifiedTypeOf(urn: string): string {
  return urn.split("::")[2] ?? "";
}

export function typeOf(urn: string): string {
  return qualifiedTypeOf(urn).split("$").pop() ?? "";
}

/** A name may itself hold `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  readonly type: string;
  readonly name: string;
  /** URN or undefined; the Stack adds no prefix. */
  readonly parent?: string | undefined;
}

export function createUrn({ stack, project, type, name, parent }: UrnParts): string {
  const parentType = parent === undefined || parent === "" ? "" : qualifiedTypeOf(parent);
  const prefix = parentType === "" || parentType === ROOT_STACK_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The package of a type or function token: `docker` of `docker:index/container:Container`. */
export function packageOf(token: string): string {
  return token.split(":")[0] ?? "";
}

export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_TYPE_PREFIX);
}

/** The package of the resources that a program defines itself, which the SDK serves. */
export const DYNAMIC_PACKAGE = "pulumi-nodejs";

export function providerTypeOf(packageName: string): string {
  return PROVIDER_TYPE_PREFIX + packageName;
}

/** The package that a provider resource of this type serves. */
export function providedPackage(type: string): string {
  return type.slice(PROVIDER_TYPE_PREFIX.length);
}

export interface ProviderReference {
  readonly urn: string;
  readonly id: string;
}

export function parseReference(reference: string): ProviderReference {
  const at = reference.lastIndexOf("::");
  return { urn: reference.slice(0, at), id: reference.slice(at + 2) };
}

export function formatReference(urn: string, id: string): string {
  return `${urn}::${id}`;
}

/** Which plugin a provider is; empty: whichever is there. */
export interface Plugin {
  readonly version: string;
  readonly pluginDownloadUrl: string;
}

/** The name of a package's default provider, as the CLI makes it (ProviderRequest.DefaultName). */
export function defaultProviderName({ version, pluginDownloadUrl }: Plugin): string {
  const [, core = version, pre, build] = /^(\d+\.\d+\.\d+)(?:-([^+]*))?(?:\+(.*))?$/.exec(version) ?? [];
  const parts = [core, pre, build].flatMap((part) => (part ? part.split(".") : []));
  const url = pluginDownloadUrl
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => [...Buffer.from(segment)].map(inQName).join(""))
    .join("/");
  return ["default", ...parts, ...(pluginDownloadUrl === "" ? [] : [url === "" ? "_" : url])].join("_");
}

function inQName(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_.-]/.test(character) ? character : "_";
}
