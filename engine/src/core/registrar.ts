/** What a program can ask of a deployment, free of gRPC: registering, reading and looking up resources, and calling functions. */
import { ROOT_STACK_TYPE, type ResourceState } from "../model";
import type { CheckFailure, JsonObject } from "../provider";
import { inherit, NO_OPTIONS, type Goal, type ReadGoal } from "./goal";
import type { ProviderRegistry } from "./provider-registry";
import { Stopped, type Run } from "./run";
import type { StepExecutor } from "./step-executor";
import type { Stages, StepGenerator } from "./step-generator";
import {
  createUrn,
  defaultProviderName,
  DYNAMIC_PACKAGE,
  formatReference,
  isProviderType,
  packageOf,
  providerTypeOf,
  type Plugin,
} from "./urn";
import { containsUnknown, deepEqual, makeSecret, toProvider } from "./values";

export interface RegistrarContext {
  readonly run: Run;
  readonly registry: ProviderRegistry;
  readonly generator: StepGenerator;
  readonly executor: StepExecutor;
}

export class Registrar {
  private readonly goals = new Map<string, Goal>();
  private readonly defaultProviders = new Map<string, Promise<string>>();
  /** The Stack's outputs count only once the run has ended well, so they wait here. */
  private stackOutputs: { urn: string; outputs: JsonObject } | undefined;

  private readonly unfinished = new Map<string, "skipped" | "failed">();
  private readonly run: Run;
  private readonly registry: ProviderRegistry;

  constructor(private readonly context: RegistrarContext) {
    this.run = context.run;
    this.registry = context.registry;
  }

  /** @throws Stopped */
  async register(request: Goal): Promise<ResourceState> {
    const goal = await this.withProvider(inherit(request, this.goals.get(request.parent)));
    const state = await this.carryOut(goal, this.context.generator.register(goal));
    this.goals.set(state.urn, goal);
    return state;
  }

  /** Whether a resource was not dealt with, so that nothing is known of it: left alone, or failed. */
  whyUnfinished(urn: string): "skipped" | "failed" | undefined {
    return this.unfinished.get(urn);
  }

  /** @throws Stopped */
  async read(request: ReadGoal): Promise<ResourceState> {
    const goal = { ...request, ...(await this.withProvider(request)) };
    return this.carryOut(goal, this.context.generator.read(goal));
  }

  /** Runs the steps of a registration. @throws Stopped when the run ends instead; the reason has been reported */
  private async carryOut(goal: Goal, stages: Stages): Promise<ResourceState> {
    const { run } = this;
    run.throwIfStopped();
    try {
      const { state, urn, outcome } = await this.context.executor.follow(stages);
      if (outcome !== "done") this.unfinished.set(urn, outcome);
      // One that is left as it is keeps its old name, and may be asked for by either.
      else if (state.urn !== urn) run.registered.set(urn, state);
      return state;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      const { stack, project } = run.options;
      const urn = createUrn({ stack, project, ...goal });
      throw run.fail(urn, error instanceof Error ? error.message : String(error));
    }
  }

  /** @throws Error that the program sees as the failure of its call. */
  async invoke(
    token: string,
    args: JsonObject,
    provider: string,
    plugin: Plugin,
  ): Promise<{ result: JsonObject; failures: readonly CheckFailure[] }> {
    this.run.throwIfStopped();
    this.run.learn(args);
    const reference = provider === "" ? await this.defaultProvider(packageOf(token), plugin) : provider;
    const loaded = await this.registry.resolve(reference);
    if (!loaded.configured) return { result: {}, failures: [] };
    return loaded.provider.invoke(token, toProvider(args));
  }

  /** @throws Stopped when the component is unknown. */
  async registerOutputs(urn: string, registered: JsonObject): Promise<void> {
    this.run.throwIfStopped();
    this.run.learn(registered);
    // What comes of a resource that failed is not known, and is none of the state's business.
    const known = Object.entries(registered).filter(([, value]) => this.run.preview || !containsUnknown(value));
    const outputs: JsonObject = Object.fromEntries(known);
    const state = this.run.registered.get(urn);
    if (this.unfinished.has(urn)) return;
    if (!state) throw this.run.fail(urn, `cannot complete a resource '${urn}' whose registration isn't pending`);
    if (state.type === ROOT_STACK_TYPE) {
      this.stackOutputs = { urn, outputs };
      return;
    }
    if (!deepEqual(state.outputs, outputs)) {
      state.outputs = outputs;
      await this.run.store.save();
    }
    this.run.emit({ type: "outputs", urn, outputs });
  }

  /** After a failure nobody knows whether an output that is missing now was really taken out, so old ones stay. */
  finishStackOutputs(): void {
    if (!this.stackOutputs) return;
    const { urn, outputs: news } = this.stackOutputs;
    const state = this.run.registered.get(urn);
    if (!state) return;
    const broken = this.run.hasFailed || this.run.interrupted;
    const outputs = broken ? { ...state.outputs, ...news } : news;
    if (!deepEqual(state.outputs, outputs)) {
      state.outputs = outputs;
      this.run.store.touch();
    }
    this.run.emit({ type: "outputs", urn, outputs });
  }

  /** Names the provider of a resource that does not say which: its component's for the package, else the default one. */
  private async withProvider(goal: Goal): Promise<Goal> {
    if (isProviderType(goal.type)) {
      return { ...goal, provider: "", inputs: { ...goal.inputs, ...pluginInputs(goal) } };
    }
    if (!goal.custom) return { ...goal, provider: "" };
    if (goal.provider !== "") return goal;
    const packageName = packageOf(goal.type);
    const fromParent = this.goals.get(goal.parent)?.providers[packageName];
    return { ...goal, provider: fromParent ?? (await this.defaultProvider(packageName, goal)) };
  }

  /** Registers the default provider of a package's plugin once, with the package's settings from the stack's configuration. */
  private defaultProvider(packageName: string, { version, pluginDownloadUrl }: Plugin): Promise<string> {
    const key = JSON.stringify([packageName, version, pluginDownloadUrl]);
    let reference = this.defaultProviders.get(key);
    if (!reference) {
      reference = this.registerDefaultProvider(packageName, { version, pluginDownloadUrl });
      this.defaultProviders.set(key, reference);
    }
    return reference;
  }

  private async registerDefaultProvider(packageName: string, plugin: Plugin): Promise<string> {
    const type = providerTypeOf(packageName);
    if (isDenied(packageName, this.run.options.config["pulumi:disable-default-providers"])) {
      throw this.run.fail(
        "",
        `Default provider for '${packageName}' disabled. Its resources must use an explicit provider.`,
      );
    }
    const goal: Goal = {
      ...NO_OPTIONS,
      type,
      name: defaultProviderName(plugin),
      custom: true,
      inputs: { ...this.packageConfig(packageName), ...pluginInputs(plugin) },
    };
    const state = await this.carryOut(goal, this.context.generator.register(goal));
    // Nothing can be done without it.
    if (this.unfinished.has(state.urn)) {
      this.run.stop();
      throw new Stopped();
    }
    return formatReference(state.urn, state.id ?? "");
  }

  private packageConfig(packageName: string): JsonObject {
    const { config, secretConfigKeys } = this.run.options;
    // Dynamic providers get everything, under the full names.
    const dynamic = packageName === DYNAMIC_PACKAGE;
    const prefix = `${packageName}:`;
    const wanted = Object.entries(config).filter(([key]) => dynamic || key.startsWith(prefix));
    return Object.fromEntries(
      wanted.map(([key, value]) => [
        dynamic ? key : key.slice(prefix.length),
        secretConfigKeys.includes(key) ? makeSecret(value) : value,
      ]),
    );
  }
}

/** What a provider resource says of its plugin, in the form that the state keeps. */
function pluginInputs({ version, pluginDownloadUrl }: Plugin): JsonObject {
  if (version === "" && pluginDownloadUrl === "") return {};
  const __internal: JsonObject = pluginDownloadUrl === "" ? {} : { pluginDownloadURL: pluginDownloadUrl };
  return { ...(version === "" ? {} : { version }), __internal };
}

/** `pulumi:disable-default-providers` is a JSON list of packages, or `["*"]`. @throws Error when it is something else. */
function isDenied(packageName: string, setting: string | undefined): boolean {
  if (!setting || packageName === "pulumi") return false;
  const denied: unknown = JSON.parse(setting);
  if (!Array.isArray(denied)) throw new Error("pulumi:disable-default-providers must be a JSON list of package names");
  return denied.includes("*") || denied.includes(packageName);
}
