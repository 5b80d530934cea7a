/**
 * Provider resources and the providers behind them. Each provider resource has an instance of its own, made when it is first needed
 * (a dynamic provider, which is a process, only when it is first called), configured once, and closed with the run.
 */
import { randomUUID } from "node:crypto";
import type { ResourceState } from "../model";
import {
  UNKNOWN,
  type CreateResult,
  type DiffResult,
  type JsonObject,
  type Provider,
  type ReadResult,
} from "../provider";
import { compare } from "./changes";
import { CheckError, isKnown, ResourceLifecycle, type DiffSubject, type Lifecycle } from "./lifecycle";
import { providerConfig } from "./state";
import { formatReference, parseReference, providedPackage, typeOf } from "./urn";
import { markSecrets, toProvider } from "./values";

/** A provider, and whether its settings were known. */
export interface LoadedProvider {
  readonly provider: Provider;
  readonly configured: boolean;
}

export interface RegistryOptions {
  readonly preview: boolean;
  /** @throws Error when there is none for the package. */
  makeProvider(packageName: string, version: string | undefined): Promise<Provider>;
  /** A provider resource of the state, by URN and id. */
  findOld(urn: string, id: string): ResourceState | undefined;
}

export class ProviderRegistry {
  private readonly loaded = new Map<string, Promise<LoadedProvider>>();
  private readonly providers = new Set<Provider>();
  /** Providers that checked settings and have not been configured yet, by URN. */
  private readonly spare = new Map<string, Provider>();
  private cancelled = false;
  private closed = false;

  constructor(private readonly options: RegistryOptions) {}

  /** Makes and configures the provider of a provider resource; the second call for the same one gives the first one's. */
  load(urn: string, id: string, inputs: JsonObject): Promise<LoadedProvider> {
    const reference = formatReference(urn, id);
    let loading = this.loaded.get(reference);
    if (!loading) {
      loading = this.start(urn, inputs);
      this.loaded.set(reference, loading);
    }
    return loading;
  }

  /** A provider resource that was renamed answers to its old name too. */
  alias(oldUrn: string, urn: string, id: string): void {
    const loading = this.loaded.get(formatReference(urn, id));
    if (loading) this.loaded.set(formatReference(oldUrn, id), loading);
  }

  /** Forgets what was loaded, because its settings changed. It is closed with the run: calls may still be under way. */
  forget(urn: string, id: string): void {
    this.loaded.delete(formatReference(urn, id));
  }

  /** The provider behind a reference: one of this run, else one that the state describes. */
  async resolve(reference: string): Promise<LoadedProvider> {
    const loading = this.loaded.get(reference);
    if (loading) return loading;
    const { urn, id } = parseReference(reference);
    const old = this.options.findOld(urn, id);
    if (!old) throw new Error(`unknown provider '${reference}': neither this program nor the state has it`);
    return this.load(urn, id, old.inputs);
  }

  /** The calls for a resource of the given provider; for a provider resource itself, those that manage it. */
  async lifecycle(type: string, reference: string | undefined): Promise<Lifecycle> {
    if (reference === undefined || reference === "") return new ProviderLifecycle(this, this.options.preview);
    const { provider, configured } = await this.resolve(reference);
    return new ResourceLifecycle(provider, { preview: this.options.preview, configured });
  }

  /**
   * Begins with the providers that the state's resources have, beside what else has to start: a dynamic provider's process takes as long
   * as the program itself. One that cannot be loaded says so when it is needed.
   */
  prepare(resources: readonly ResourceState[]): void {
    const used = new Set(resources.map(({ provider }) => provider));
    for (const { urn, id = "", inputs } of resources) {
      if (!used.has(formatReference(urn, id))) continue;
      this.load(urn, id, inputs).then(
        ({ provider, configured }) => configured && provider.prepare?.(),
        () => undefined,
      );
    }
  }

  /** Settings as the package's provider wants them kept. @throws CheckError */
  async checkConfig(urn: string, inputs: JsonObject): Promise<JsonObject> {
    const provider = await this.make(urn, inputs);
    if (!provider.checkConfig) return inputs;
    const { version, __internal, ...config } = inputs;
    this.spare.set(urn, provider);
    const checked = await provider.checkConfig(toProvider(config), urn);
    if (checked.failures.length > 0) throw new CheckError(urn, checked.failures);
    return {
      ...markSecrets(checked.inputs, config),
      ...(version === undefined ? {} : { version }),
      ...(__internal === undefined ? {} : { __internal }),
    };
  }

  cancel(): void {
    this.cancelled = true;
    for (const provider of this.providers) provider.cancel();
  }

  async close(): Promise<void> {
    this.closed = true;
    const providers = [...this.providers];
    this.providers.clear();
    await Promise.allSettled(providers.map((provider) => provider.close()));
  }

  private async start(urn: string, inputs: JsonObject): Promise<LoadedProvider> {
    const provider = await this.make(urn, inputs);
    const { version: _, ...config } = providerConfig(inputs);
    const configured = isKnown(config);
    if (configured) await provider.configure(toProvider(config));
    return { provider, configured };
  }

  private async make(urn: string, { version }: JsonObject): Promise<Provider> {
    const spare = this.spare.get(urn);
    if (this.spare.delete(urn) && spare) return spare;
    const provider = await this.options.makeProvider(
      providedPackage(typeOf(urn)),
      typeof version === "string" ? version : undefined,
    );
    this.providers.add(provider);
    if (this.cancelled) provider.cancel();
    if (!this.closed) return provider;
    await provider.close();
    throw new Error(`the run ended before the provider of ${urn} was there`);
  }
}

/**
 * Provider resources have no life outside of this process: an id, and their settings as outputs. Their DiffConfig is a comparison: no
 * provider that this engine has replaces its resources for another setting.
 */
class ProviderLifecycle implements Lifecycle {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly preview: boolean,
  ) {}

  check(urn: string, news: JsonObject): Promise<JsonObject> {
    return this.registry.checkConfig(urn, news);
  }

  diff({ old, news }: DiffSubject): Promise<DiffResult> {
    const changes = compare(providerConfig(old.inputs), providerConfig(news));
    return Promise.resolve({
      changes: changes.length > 0 ? "some" : "none",
      replaces: [],
      diffs: changes.map(({ path }) => path),
      deleteBeforeReplace: false,
    });
  }

  async create({ urn, inputs }: ResourceState): Promise<CreateResult> {
    const id = this.preview ? UNKNOWN : randomUUID();
    await this.registry.load(urn, id, inputs);
    return { id, outputs: providerConfig(inputs) };
  }

  discard(): Promise<true> {
    return Promise.resolve(true);
  }

  async update(old: ResourceState, { urn, inputs }: ResourceState): Promise<JsonObject> {
    this.registry.forget(urn, old.id ?? "");
    await this.registry.load(urn, old.id ?? "", inputs);
    return providerConfig(inputs);
  }

  delete({ urn, id = "" }: ResourceState): Promise<void> {
    this.registry.forget(urn, id);
    return Promise.resolve();
  }

  read({ id = "", inputs, outputs }: ResourceState): Promise<ReadResult> {
    return Promise.resolve({ id, inputs, outputs });
  }

  import({ urn }: ResourceState): Promise<ReadResult> {
    return Promise.reject(new Error(`${urn} is a provider: there is nothing to import`));
  }
}
