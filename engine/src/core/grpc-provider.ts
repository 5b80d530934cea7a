/** A provider in a process of its own, reached over gRPC: a dynamic one, or a provider binary. */
import { credentials, status, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import {
  ResourceInitError,
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type JsonObject,
  type PropertyDiffKind,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../provider";
import { ProviderProcess, type ProviderCommand } from "./provider-process";
import { CHANNEL_OPTIONS, fromStruct, toStruct } from "./struct";
import { DYNAMIC_PACKAGE } from "./urn";

/** The provider went away in the middle of a call, so nobody knows how far that call got. */
export class ProviderLostError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProviderLostError";
  }
}

type Callback<Response> = (error: ServiceError | null, response: Response | undefined) => void;

interface Connection {
  readonly client: ResourceProviderClient;
  readonly supportsPreview: boolean;
}

export class GrpcProvider implements Provider {
  private readonly process: ProviderProcess;
  private config: JsonObject = {};
  private connecting: Promise<Connection> | undefined;
  private client: ResourceProviderClient | undefined;

  constructor(
    private readonly packageName: string,
    command: ProviderCommand,
  ) {
    this.process = new ProviderProcess(command);
  }

  /** Keeps the settings; the process starts, and is configured, with the first call, or when that is foreseen. */
  configure(config: JsonObject): Promise<void> {
    this.config = config;
    return Promise.resolve();
  }

  prepare(): void {
    this.connect().catch(() => undefined);
  }

  async checkConfig(config: JsonObject, urn: string): Promise<CheckResult> {
    // What a program defines has no settings to check, and would have to be started for it.
    if (this.packageName === DYNAMIC_PACKAGE) return { inputs: config, failures: [] };
    const port = await this.process.start();
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), CHANNEL_OPTIONS);
    try {
      const request = new messages.CheckRequest().setUrn(urn).setNews(toStruct(config));
      const response = await answer<messages.CheckResponse>((done) => client.checkConfig(request, done));
      return { inputs: fromStruct(response.getInputs()), failures: response.getFailuresList().map(checkFailure) };
    } finally {
      client.close();
    }
  }

  async check({ urn, type, name, olds, news, randomSeed }: CheckRequest): Promise<CheckResult> {
    const request = new messages.CheckRequest();
    request.setUrn(urn).setType(type).setName(name).setRandomseed(randomSeed);
    request.setOlds(toStruct(olds ?? {})).setNews(toStruct(news));
    const response = await this.call<messages.CheckResponse>((client, done) => client.check(request, done));
    return { inputs: fromStruct(response.getInputs()), failures: response.getFailuresList().map(checkFailure) };
  }

  async diff({ urn, type, name, id, oldInputs, oldOutputs, news, ignoreChanges }: DiffRequest): Promise<DiffResult> {
    const request = new messages.DiffRequest();
    request
      .setUrn(urn)
      .setType(type)
      .setName(name)
      .setId(id)
      .setIgnorechangesList([...ignoreChanges]);
    request.setOlds(toStruct(oldOutputs)).setOldInputs(toStruct(oldInputs)).setNews(toStruct(news));
    const response = await this.call<messages.DiffResponse>((client, done) => client.diff(request, done));
    return diffResult(response);
  }

  async create({ urn, type, name, inputs, timeoutSeconds, preview }: CreateRequest): Promise<CreateResult> {
    if (preview && !(await this.connect()).supportsPreview) return { id: "", outputs: inputs };
    const request = new messages.CreateRequest();
    request.setUrn(urn).setType(type).setName(name).setPreview(preview).setTimeout(timeoutSeconds);
    request.setProperties(toStruct(inputs));
    const response = await this.call<messages.CreateResponse>((client, done) => client.create(request, done));
    return { id: response.getId(), outputs: fromStruct(response.getProperties()) };
  }

  async read({ urn, type, name, id, inputs, outputs, timeoutSeconds = 0 }: ReadRequest): Promise<ReadResult> {
    const request = new messages.ReadRequest();
    request
      .setUrn(urn)
      .setType(type)
      .setName(name)
      .setId(id)
      .setTimeout(timeoutSeconds)
      .setProperties(toStruct(outputs ?? {}));
    if (inputs) request.setInputs(toStruct(inputs));
    const response = await this.call<messages.ReadResponse>((client, done) => client.read(request, done));
    return {
      id: response.getId(),
      outputs: fromStruct(response.getProperties()),
      ...(response.hasInputs() ? { inputs: fromStruct(response.getInputs()) } : {}),
    };
  }

  async update(update: UpdateRequest): Promise<JsonObject> {
    const { urn, type, name, id, oldInputs, oldOutputs, news, timeoutSeconds, ignoreChanges, preview } = update;
    if (preview && !(await this.connect()).supportsPreview) return news;
    const request = new messages.UpdateRequest();
    request.setUrn(urn).setType(type).setName(name).setId(id).setPreview(preview).setTimeout(timeoutSeconds);
    request.setOlds(toStruct(oldOutputs)).setOldInputs(toStruct(oldInputs)).setNews(toStruct(news));
    request.setIgnorechangesList([...ignoreChanges]);
    const response = await this.call<messages.UpdateResponse>((client, done) => client.update(request, done));
    return fromStruct(response.getProperties());
  }

  async delete({ urn, type, name, id, oldInputs, oldOutputs, timeoutSeconds }: DeleteRequest): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setUrn(urn).setType(type).setName(name).setId(id).setTimeout(timeoutSeconds);
    request.setProperties(toStruct(oldOutputs)).setOldInputs(toStruct(oldInputs));
    await this.call<Empty>((client, done) => client.delete(request, done));
  }

  async invoke(token: string, args: JsonObject): Promise<{ result: JsonObject; failures: readonly CheckFailure[] }> {
    const request = new messages.InvokeRequest();
    request.setTok(token).setArgs(toStruct(args));
    const response = await this.call<messages.InvokeResponse>((client, done) => client.invoke(request, done));
    return { result: fromStruct(response.getReturn()), failures: response.getFailuresList().map(checkFailure) };
  }

  cancel(): void {
    this.client?.cancel(new Empty(), () => undefined);
  }

  async close(): Promise<void> {
    this.client?.close();
    await this.process.stop();
  }

  private connect(): Promise<Connection> {
    this.connecting ??= this.open();
    return this.connecting;
  }

  private async open(): Promise<Connection> {
    const port = await this.process.start();
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), CHANNEL_OPTIONS);
    this.client = client;
    const request = new messages.ConfigureRequest();
    request.setAcceptsecrets(false).setAcceptresources(false).setArgs(toStruct(this.config));
    const variables = request.getVariablesMap();
    for (const [key, value] of Object.entries(this.config)) {
      variables.set(`${this.packageName}:config:${key}`, typeof value === "string" ? value : JSON.stringify(value));
    }
    const response = await answer<messages.ConfigureResponse>((done) => client.configure(request, done));
    return { client, supportsPreview: response.getSupportspreview() };
  }

  private async call<Response>(
    send: (client: ResourceProviderClient, done: Callback<Response>) => unknown,
  ): Promise<Response> {
    const { client } = await this.connect();
    return answer<Response>((done) => send(client, done));
  }
}

function answer<Response>(send: (done: Callback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => {
      if (error) reject(translateError(error));
      else if (response === undefined) reject(new Error("the provider gave an empty answer"));
      else resolve(response);
    });
  });
}

const INIT_FAILED = "pulumirpc.ErrorResourceInitFailed";

/** A resource that was made but did not become what was asked for arrives as a detail of the gRPC error. */
function translateError(error: ServiceError): Error {
  const failed = initFailure(error.metadata);
  if (failed) {
    const reasons = failed.getReasonsList();
    const message = reasons.length > 0 ? reasons.join("; ") : error.details;
    return new ResourceInitError(message, failed.getId(), fromStruct(failed.getProperties()), reasons);
  }
  if (error.code === status.UNAVAILABLE)
    return new ProviderLostError(`the provider ended during the call: ${error.details}`);
  return new Error(error.details || error.message);
}

function initFailure(metadata: Metadata | undefined): messages.ErrorResourceInitFailed | undefined {
  for (const encoded of metadata?.get("grpc-status-details-bin") ?? []) {
    if (typeof encoded === "string") continue;
    for (const detail of Status.deserializeBinary(encoded).getDetailsList()) {
      if (detail.getTypeName() === INIT_FAILED) {
        return messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
      }
    }
  }
  return undefined;
}

function checkFailure(failure: messages.CheckFailure): CheckFailure {
  return { property: failure.getProperty(), reason: failure.getReason() };
}

const KINDS: readonly PropertyDiffKind[] = [
  "add",
  "add-replace",
  "delete",
  "delete-replace",
  "update",
  "update-replace",
];

function diffResult(response: messages.DiffResponse): DiffResult {
  const changes = (["unknown", "none", "some"] as const)[response.getChanges()];
  const base: DiffResult = {
    changes,
    replaces: response.getReplacesList(),
    diffs: response.getDiffsList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
  if (!response.getHasdetaileddiff()) return base;
  const detailed: Record<string, { kind: PropertyDiffKind; inputDiff: boolean }> = {};
  response.getDetaileddiffMap().forEach((diff, path) => {
    detailed[path] = { kind: KINDS[diff.getKind()] ?? "update", inputDiff: diff.getInputdiff() };
  });
  return { ...base, detailed };
}
