/** The Docker provider: containers, networks, volumes and images, in this process. */
import {
  UNKNOWN,
  ResourceInitError,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type Json,
  type JsonObject,
  type Provider,
  type ProviderContext,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../../provider";
import { checkInputs } from "../check";
import { previewOutputs } from "../outputs";
import { diffInputs } from "../plan";
import { isObject, withoutReserved } from "../value";
import { connect, type Connection } from "./connection";
import { containerKind } from "./container";
import { imageKind } from "./image";
import { networkKind } from "./network";
import { DEFAULT_TIMEOUT_MS, type Call, type ResourceKind } from "./resource";
import { checkSettings } from "./settings";
import { volumeKind } from "./volume";

const kinds: Readonly<Record<string, ResourceKind>> = {
  "docker:index/container:Container": containerKind,
  "docker:index/network:Network": networkKind,
  "docker:index/volume:Volume": volumeKind,
  "docker:index/remoteImage:RemoteImage": imageKind,
};

/** @throws for a type that this provider does not have. */
export function kindOf(type: string): ResourceKind {
  const kind = kinds[type];
  if (kind !== undefined) return kind;
  const instead = type === "docker:index/image:Image" ? ". Use docker.RemoteImage with `build`" : "";
  throw new Error(`this engine's Docker provider has no ${type}; it has ${Object.keys(kinds).join(", ")}${instead}`);
}

/** A failure of a function that is not asynchronous as a rejection too. */
const attempt = <T>(run: () => T): Promise<T> => new Promise((resolve) => resolve(run()));

function checkResource(request: CheckRequest): CheckResult {
  const kind = kindOf(request.type);
  const { inputs, failures } = checkInputs(request, kind);
  return { inputs, failures: [...failures, ...(kind.invalid?.(inputs) ?? [])] };
}

function diffResource(request: DiffRequest): DiffResult {
  const kind = kindOf(request.type);
  const diff = diffInputs(request, kind);
  return kind.completeDiff?.(diff, request.oldOutputs) ?? diff;
}

const known = (value: JsonObject | undefined): JsonObject => {
  const plain = withoutReserved(value ?? {});
  return isObject(plain) ? plain : {};
};

export const dockerProvider = ({ log, programFolder }: ProviderContext): Provider => {
  const stop = new AbortController();
  let config: JsonObject = {};
  let connection: Promise<Connection> | undefined;

  /** One connection, and one failure, for all calls: the first that needs Docker makes it. */
  const call = async (urn: string): Promise<Call> => {
    connection ??= connect(config, programFolder);
    return { connection: await connection, urn, log, programFolder, signal: stop.signal };
  };
  const withMeta = (kind: ResourceKind, outputs: JsonObject): JsonObject => ({
    ...outputs,
    __meta: JSON.stringify(kind.meta),
  });

  const provider: Provider = {
    checkConfig: (settings) => attempt(() => checkSettings(settings)),

    async configure(next: JsonObject): Promise<void> {
      config = next;
      connection = connect(config, programFolder);
      await connection;
    },

    check: (request) => attempt(() => checkResource(request)),
    diff: (request) => attempt(() => diffResource(request)),

    async create(request: CreateRequest): Promise<CreateResult> {
      const kind = kindOf(request.type);
      const inputs = known(request.inputs);
      if (request.preview)
        return { id: "", outputs: { ...previewOutputs(kind.fields, kind.outputs, inputs, undefined), id: UNKNOWN } };
      const { attempt = { name: "", made: () => undefined } } = request;
      const timeoutMs = request.timeoutSeconds > 0 ? request.timeoutSeconds * 1000 : DEFAULT_TIMEOUT_MS;
      try {
        const { id, outputs } = await kind.create(await call(request.urn), inputs, timeoutMs, attempt);
        return { id, outputs: withMeta(kind, outputs) };
      } catch (error) {
        if (!(error instanceof ResourceInitError)) throw error;
        throw new ResourceInitError(error.message, error.id, withMeta(kind, error.outputs), error.reasons);
      }
    },

    async discard(request): Promise<true | string> {
      return kindOf(request.type).discard(await call(request.urn), request);
    },

    async read(request: ReadRequest): Promise<ReadResult> {
      const kind = kindOf(request.type);
      const old = known(request.outputs);
      const inputs = request.inputs === undefined ? onlyInputs(kind, old) : known(request.inputs);
      const found = await kind.read(await call(request.urn), request.id, inputs, old);
      if (found === undefined) return { id: "", outputs: {} };
      const outputs = withMeta(kind, found.outputs);
      return { id: found.id, inputs: request.inputs ?? importedInputs(kind, found.outputs), outputs };
    },

    async update(request: UpdateRequest): Promise<JsonObject> {
      const kind = kindOf(request.type);
      const inputs = known(request.news);
      if (request.preview) {
        return { ...request.oldOutputs, ...previewOutputs(kind.fields, kind.outputs, inputs, request.oldOutputs) };
      }
      const outputs = await kind.update(await call(request.urn), request.id, inputs, known(request.oldOutputs));
      return withMeta(kind, outputs);
    },

    async delete(request: DeleteRequest): Promise<void> {
      await kindOf(request.type).delete(await call(request.urn), request);
    },

    invoke(token: string): Promise<never> {
      return Promise.reject(new Error(`this engine's Docker provider has no functions; ${token} was called`));
    },
    cancel: () => stop.abort(),
    close: () => Promise.resolve(),
  };
  return provider;
};

/** Of stored outputs, what could have been inputs. */
const onlyInputs = (kind: ResourceKind, outputs: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(outputs).filter(([key]) => kind.fields[key] !== undefined && kind.fields[key].outputOnly !== true),
  );

/** The inputs that an imported resource would have had: what is neither empty nor a default nor the daemon's own choice. */
function importedInputs(kind: ResourceKind, outputs: JsonObject): JsonObject {
  const inputs: JsonObject = { __defaults: [] };
  for (const [key, value] of Object.entries(onlyInputs(kind, outputs))) {
    const field = kind.fields[key];
    if (field === undefined || field.refused !== undefined || value === field.default) continue;
    const imported = importedValue(value);
    if (imported !== undefined) inputs[key] = imported;
  }
  return inputs;
}

/** A value without what is empty in it; undefined when nothing is left. */
function importedValue(value: Json): Json | undefined {
  if (value === null || value === "" || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((item) => importedValue(item) ?? item);
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const imported = importedValue(item);
    return imported === undefined ? [] : [[key, imported] as const];
  });
  return entries.length === 0 ? undefined : { ...Object.fromEntries(entries), __defaults: [] };
}
