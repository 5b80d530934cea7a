/**
 * Serves a provider of this process over gRPC, so that the real CLI can use it: `PULUMI_DEBUG_PROVIDERS=docker:<port>`.
 * Only what the CLI calls for resources of a program; the rest is answered with UNIMPLEMENTED.
 */
import { Metadata, Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { CHANNEL_OPTIONS, fromStruct, toStruct } from "../../src/core/struct";
import { ResourceInitError, type CheckFailure, type Provider } from "../../src/provider";

export interface ServedProvider {
  readonly port: number;
  close(): void;
}

/** @param version what the CLI is told, as in "5.2.0" */
export async function serveProvider(provider: Provider, version: string): Promise<ServedProvider> {
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(ResourceProviderService, implementation(provider, version));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

type Call<Request> = ServerUnaryCall<Request, unknown>;

/** One method: the answer, or the error in the form in which a provider says it. */
const method =
  <Request, Response>(run: (request: Request) => Promise<Response> | Response) =>
  (call: Call<Request>, done: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => run(call.request))
      .then((response) => done(null, response))
      .catch((error: unknown) => done(rpcError(error)));
  };

function implementation(provider: Provider, version: string) {
  return {
    getPluginInfo: method<Empty, PluginInfo>(() => new PluginInfo().setVersion(version)),
    attach: method(() => new Empty()),
    checkConfig: method<messages.CheckRequest, messages.CheckResponse>((request) =>
      new messages.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: method(() => new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: method<messages.ConfigureRequest, messages.ConfigureResponse>(async (request) => {
      const { version: _, ...config } = fromStruct(request.getArgs());
      await provider.configure(config);
      return new messages.ConfigureResponse().setSupportspreview(true);
    }),
    check: method<messages.CheckRequest, messages.CheckResponse>(async (request) => {
      const olds = fromStruct(request.getOlds());
      const { inputs, failures } = await provider.check({
        ...named(request),
        ...(Object.keys(olds).length > 0 ? { olds } : {}),
        news: fromStruct(request.getNews()),
        randomSeed: request.getRandomseed_asU8(),
      });
      return new messages.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures.map(failureMessage));
    }),
    diff: method<messages.DiffRequest, messages.DiffResponse>(async (request) => {
      const result = await provider.diff({
        ...named(request),
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
      });
      const response = new messages.DiffResponse()
        .setChanges(CHANGES[result.changes])
        .setReplacesList([...result.replaces])
        .setDiffsList([...result.diffs])
        .setDeletebeforereplace(result.deleteBeforeReplace)
        .setHasdetaileddiff(result.detailed !== undefined);
      for (const [path, { kind, inputDiff }] of Object.entries(result.detailed ?? {})) {
        const diff = new messages.PropertyDiff().setKind(KINDS[kind]).setInputdiff(inputDiff);
        response.getDetaileddiffMap().set(path, diff);
      }
      return response;
    }),
    create: method<messages.CreateRequest, messages.CreateResponse>(async (request) => {
      const { id, outputs } = await provider.create({
        ...named(request),
        inputs: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
        preview: request.getPreview(),
      });
      return new messages.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    read: method<messages.ReadRequest, messages.ReadResponse>(async (request) => {
      const [inputs, outputs] = [fromStruct(request.getInputs()), fromStruct(request.getProperties())];
      const found = await provider.read({
        ...named(request),
        id: request.getId(),
        ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
        ...(Object.keys(outputs).length > 0 ? { outputs } : {}),
      });
      const response = new messages.ReadResponse().setId(found.id).setProperties(toStruct(found.outputs));
      return found.inputs === undefined ? response : response.setInputs(toStruct(found.inputs));
    }),
    update: method<messages.UpdateRequest, messages.UpdateResponse>(async (request) => {
      const outputs = await provider.update({
        ...named(request),
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        timeoutSeconds: request.getTimeout(),
        ignoreChanges: request.getIgnorechangesList(),
        preview: request.getPreview(),
      });
      return new messages.UpdateResponse().setProperties(toStruct(outputs));
    }),
    delete: method<messages.DeleteRequest, Empty>(async (request) => {
      await provider.delete({
        ...named(request),
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldOutputs: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
      });
      return new Empty();
    }),
    cancel: method(() => {
      provider.cancel();
      return new Empty();
    }),
  };
}

const { DiffChanges } = messages.DiffResponse;
const CHANGES = {
  unknown: DiffChanges.DIFF_UNKNOWN,
  none: DiffChanges.DIFF_NONE,
  some: DiffChanges.DIFF_SOME,
} as const;
const { Kind } = messages.PropertyDiff;
const KINDS = {
  add: Kind.ADD,
  "add-replace": Kind.ADD_REPLACE,
  delete: Kind.DELETE,
  "delete-replace": Kind.DELETE_REPLACE,
  update: Kind.UPDATE,
  "update-replace": Kind.UPDATE_REPLACE,
} as const;

/** From the URN, as older engines say neither type nor name. */
function named(request: { getUrn(): string }): { urn: string; type: string; name: string } {
  const urn = request.getUrn();
  const [, , types = "", name = ""] = urn.split("::");
  return { urn, type: types.slice(types.lastIndexOf("$") + 1), name };
}

const failureMessage = ({ property, reason }: CheckFailure): messages.CheckFailure =>
  new messages.CheckFailure().setProperty(property).setReason(reason);

function rpcError(error: unknown): { code: status; details: string; metadata?: Metadata } {
  const details = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ResourceInitError)) return { code: status.UNKNOWN, details };
  const failed = new messages.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(toStruct(error.outputs))
    .setReasonsList([...error.reasons]);
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const rich = new Status().setCode(status.UNKNOWN).setMessage(details).setDetailsList([detail]);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  return { code: status.UNKNOWN, details, metadata };
}
