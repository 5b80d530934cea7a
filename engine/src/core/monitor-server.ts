/** The gRPC services that a program and its providers talk to: ResourceMonitor and Engine. */
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { CheckFailure, InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as monitor from "@pulumi/pulumi/proto/resource_pb";
import { UNKNOWN } from "../provider";
import { goalOf, NO_OPTIONS } from "./goal";
import type { Registrar } from "./registrar";
import { Stopped, type Run } from "./run";
import { CHANNEL_OPTIONS, fromStruct, toStruct } from "./struct";
import { isProviderType } from "./urn";
import { requireVersion } from "./version-range";
import { containsAsset, containsUnknown } from "./values";

/** An error that reaches the program as a gRPC status. */
class RpcError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

/** What the SDK may use, by the names of 3.248's SupportsFeature; it says by itself that the rest does not work here. */
const FEATURES: Readonly<Record<string, monitor.ResourceMonitorFeature>> = {
  secrets: monitor.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: monitor.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: monitor.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: monitor.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  deletedWith: monitor.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
};

/** What the SDK says about calls that it makes after it was told to stop, as gRPC's or in its own words: true, and of no use to anybody. */
const AFTERMATH = /Error: (14 UNAVAILABLE|1 CANCELLED): |Channel has been shut down|Resource monitor is terminating/;

const RESULTS = { skipped: monitor.Result.SKIP, failed: monitor.Result.FAIL } as const;

const SEVERITIES = ["debug", "info", "warning", "error"] as const;

type Handler<Request, Response> = (request: Request) => Promise<Response>;
type QuickHandler<Request, Response> = (request: Request) => Response;

export class MonitorServer {
  private readonly server = new Server(CHANNEL_OPTIONS);
  private readonly inFlight = new Set<Promise<void>>();
  private registrar: Registrar | undefined;
  private rootResource = "";
  private readonly stopped: Promise<never>;

  constructor(private readonly run: Run) {
    this.stopped = new Promise((_, reject) => {
      if (run.stopped) reject(new Stopped());
      else run.stopSignal.addEventListener("abort", () => reject(new Stopped()), { once: true });
    });
    this.stopped.catch(() => undefined);
    this.server.addService(EngineService, {
      log: this.unary((request: engine.LogRequest) => this.log(request)),
      getRootResource: this.unary((_: engine.GetRootResourceRequest) =>
        new engine.GetRootResourceResponse().setUrn(this.rootResource),
      ),
      setRootResource: this.unary((request: engine.SetRootResourceRequest) => {
        this.rootResource = request.getUrn();
        return new engine.SetRootResourceResponse();
      }),
      startDebugging: this.unary((_: engine.StartDebuggingRequest) => new Empty()),
      requirePulumiVersion: this.unary((request: engine.RequirePulumiVersionRequest) => {
        requireVersion(request.getPulumiVersionRange());
        return new engine.RequirePulumiVersionResponse();
      }),
    });
    this.server.addService(ResourceMonitorService, {
      getDeploymentInfo: this.unary((_: Empty) => this.deploymentInfo()),
      supportsFeature: this.unary((request: monitor.SupportsFeatureRequest) =>
        new monitor.SupportsFeatureResponse().setHassupport(Object.hasOwn(FEATURES, request.getId())),
      ),
      registerResource: this.step((request: monitor.RegisterResourceRequest) => this.registerResource(request)),
      registerResourceOutputs: this.step((request: monitor.RegisterResourceOutputsRequest) =>
        this.registerOutputs(request),
      ),
      readResource: this.step((request: monitor.ReadResourceRequest) => this.readResource(request)),
      invoke: this.step((request: monitor.ResourceInvokeRequest) => this.invoke(request), false),
      // The deletions that follow need nothing of the program, and begin only when its exit code says that it is complete.
      signalAndWaitForShutdown: this.unary((_: Empty) => new Empty()),
      call: this.unary(() => refuse("calling methods of remote components")),
      registerStackTransform: this.unary(() => refuse("transforms")),
      registerStackInvokeTransform: this.unary(() => refuse("transforms")),
      registerResourceHook: this.unary(() => refuse("resource hooks")),
      registerErrorHook: this.unary(() => refuse("error hooks")),
      registerPackage: this.unary(() => refuse("parameterized packages")),
    });
  }

  /** @returns `127.0.0.1:port` */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(`127.0.0.1:${port}`);
      });
    });
  }

  serve(registrar: Registrar): void {
    this.registrar = registrar;
  }

  /** Waits for every call that has come in. */
  async settled(): Promise<void> {
    while (this.inFlight.size > 0) await Promise.allSettled(this.inFlight);
  }

  close(): void {
    this.server.forceShutdown();
  }

  private unary<Request, Response>(handler: QuickHandler<Request, Response>) {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      void this.answer(
        Promise.resolve().then(() => handler(call.request)),
        callback,
      );
    };
  }

  /** For calls that stand for steps: when the run stops the program is told at once, while the step itself is seen through. */
  private step<Request, Response>(handler: Handler<Request, Response>, fatal = true) {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      const work = handler(call.request).catch((error: unknown) => {
        // What the program cannot register it must not do without, or the next thing would be to delete what it missed.
        if (fatal && !(error instanceof Stopped))
          this.run.fail("", error instanceof Error ? error.message : String(error));
        throw error;
      });
      this.track(work);
      void this.answer(Promise.race([work, this.stopped]), callback);
    };
  }

  private track(work: Promise<unknown>): void {
    const tracked: Promise<void> = work.then(
      () => void this.inFlight.delete(tracked),
      () => void this.inFlight.delete(tracked),
    );
    this.inFlight.add(tracked);
  }

  private async answer<Response>(work: Promise<Response>, callback: sendUnaryData<Response>): Promise<void> {
    try {
      callback(null, await work);
    } catch (error) {
      // UNAVAILABLE makes the SDK stop without a word: whatever ended the run has been reported.
      if (error instanceof Stopped) callback({ code: status.UNAVAILABLE, details: "the deployment is ending" });
      else {
        const details = this.run.mask.apply(error instanceof Error ? error.message : String(error));
        callback({ code: error instanceof RpcError ? error.code : status.UNKNOWN, details });
      }
    }
  }

  private get resources(): Registrar {
    if (!this.registrar) throw new RpcError(status.FAILED_PRECONDITION, "this run takes no registrations");
    return this.registrar;
  }

  private log(request: engine.LogRequest): Empty {
    const message = request.getMessage().replace(/\n$/, "");
    const severity = this.run.stopped && AFTERMATH.test(message) ? "debug" : SEVERITIES[request.getSeverity()];
    this.run.diagnose(severity, request.getUrn(), message, request.getEphemeral());
    return new Empty();
  }

  private deploymentInfo(): monitor.DeploymentInfo {
    const { project, stack, organization, config, secretConfigKeys, parallel } = this.run.options;
    const info = new monitor.DeploymentInfo();
    info
      .setProject(project)
      .setStack(stack)
      .setOrganization(organization)
      .setDryrun(this.run.preview)
      .setParallel(parallel);
    info.setConfigsecretkeysList(secretConfigKeys).setSupportedfeaturesList(Object.values(FEATURES));
    const map = info.getConfigMap();
    for (const [key, value] of Object.entries(config)) map.set(key, value);
    return info;
  }

  private async registerResource(request: monitor.RegisterResourceRequest): Promise<monitor.RegisterResourceResponse> {
    const { resources, run } = this;
    if (request.getRemote()) refuse(`the remote component ${request.getType()}`);
    if (request.getReplaceWithList().length > 0) refuse("the option `replaceWith`");
    if (request.hasReplacementTrigger()) refuse("the option `replacementTrigger`");
    if (request.getEnvvarmappingsMap().getLength() > 0) refuse("the option `envVarMappings`");
    const goal = goalOf(request, run.options.programFolder);
    if (containsAsset(goal.inputs)) refuse(`assets and archives, which ${goal.name} (${goal.type}) is given`);
    const state = await resources.register(goal);
    const response = new monitor.RegisterResourceResponse();
    const unfinished = resources.whyUnfinished(state.urn);
    response.setUrn(state.urn).setResult(unfinished === undefined ? monitor.Result.SUCCESS : RESULTS[unfinished]);
    // A component's old outputs may refer to resources that are not registered yet, so it gets none.
    const outputs = state.custom ? state.outputs : {};
    const partial = request.getSupportspartialvalues();
    const known = partial
      ? outputs
      : Object.fromEntries(Object.entries(outputs).filter(([, value]) => !containsUnknown(value)));
    const id = run.preview && state.id === UNKNOWN && !isProviderType(state.type) ? "" : (state.id ?? "");
    return response.setId(id).setObject(toStruct(known));
  }

  private async registerOutputs(request: monitor.RegisterResourceOutputsRequest): Promise<Empty> {
    await this.resources.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
    return new Empty();
  }

  private async readResource(request: monitor.ReadResourceRequest): Promise<monitor.ReadResourceResponse> {
    const state = await this.resources.read({
      ...NO_OPTIONS,
      custom: true,
      id: request.getId(),
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent(),
      provider: request.getProvider(),
      version: request.getVersion(),
      pluginDownloadUrl: request.getPlugindownloadurl(),
      inputs: fromStruct(request.getProperties()),
      dependencies: request.getDependenciesList().sort(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    });
    return new monitor.ReadResourceResponse().setUrn(state.urn).setProperties(toStruct(state.outputs));
  }

  private async invoke(request: monitor.ResourceInvokeRequest): Promise<InvokeResponse> {
    const args = fromStruct(request.getArgs());
    const { result, failures } = await this.resources.invoke(request.getTok(), args, request.getProvider(), {
      version: request.getVersion(),
      pluginDownloadUrl: request.getPlugindownloadurl(),
    });
    const response = new InvokeResponse().setReturn(toStruct(result));
    return response.setFailuresList(
      failures.map(({ property, reason }) => new CheckFailure().setProperty(property).setReason(reason)),
    );
  }
}

function refuse(what: string): never {
  throw new RpcError(status.UNIMPLEMENTED, `the embedded engine does not support ${what}: use the Pulumi CLI for that`);
}
