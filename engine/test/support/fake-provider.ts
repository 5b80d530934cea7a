/** A provider in this process whose answers a test decides, and which remembers what it was asked. */
import {
  ResourceInitError,
  UNKNOWN,
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type CreateResult,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type JsonObject,
  type Provider,
  type ReadRequest,
  type ReadResult,
  type UpdateRequest,
} from "../../src/provider";

/** By default: things are what their inputs say, every change is an update, and a change of `replace` a replacement. */
export class FakeProvider {
  /** `create a`, `delete b`, in the order in which they began. */
  calls: string[] = [];
  running = 0;
  mostRunning = 0;
  instances = 0;
  configs: JsonObject[] = [];
  cancelled = false;
  /** Outputs of what exists, by id. */
  readonly world = new Map<string, JsonObject>();
  private nextId = 1;

  onCheckConfig = (_config: JsonObject): CheckFailure[] => [];
  onCheck = (request: CheckRequest): CheckResult | Promise<CheckResult> => ({ inputs: request.news, failures: [] });
  onDiff = (request: DiffRequest): DiffResult | Promise<DiffResult> => {
    const replaced = JSON.stringify(request.oldInputs.replace) !== JSON.stringify(request.news.replace);
    return {
      changes: "unknown",
      replaces: replaced ? ["replace"] : [],
      diffs: [],
      deleteBeforeReplace: request.news.dbr === true,
      ...(replaced ? { changes: "some" } : {}),
    };
  };
  onCreate = ({ name, inputs }: CreateRequest): CreateResult | Promise<CreateResult> => {
    const id = `${name}-${this.nextId++}`;
    return { id, outputs: { ...inputs, made: id } };
  };
  onUpdate = ({ id, news }: UpdateRequest): JsonObject | Promise<JsonObject> => ({ ...news, made: id });
  onRead = (request: ReadRequest): ReadResult | Promise<ReadResult> => {
    const outputs = this.world.get(request.id);
    return outputs
      ? { id: request.id, outputs, ...(request.inputs ? { inputs: request.inputs } : {}) }
      : { id: "", outputs: {} };
  };
  onDelete = (_request: DeleteRequest): void | Promise<void> => undefined;
  onInvoke = (token: string, _args: JsonObject): JsonObject | Promise<JsonObject> => {
    throw new Error(`${token}: not implemented`);
  };

  /** What a call is given must be plain: any secret that arrives here would end up in a provider's log. */
  received: JsonObject[] = [];

  readonly factory = (): Provider => {
    this.instances++;
    return {
      checkConfig: (config) => Promise.resolve({ inputs: config, failures: this.onCheckConfig(config) }),
      configure: (config) => {
        this.configs.push(config);
        return Promise.resolve();
      },
      check: (request) => this.call(undefined, request.news, () => this.onCheck(request)),
      diff: (request) => this.call(`diff ${request.name}`, request.news, () => this.onDiff(request)),
      discard: (request) =>
        this.call(`discard ${request.name}`, request.inputs, () => {
          this.world.forEach((outputs, id) => {
            if (outputs.leftover === request.name && !request.keep.has(id)) this.world.delete(id);
          });
          return true as const;
        }),
      create: (request) =>
        this.call(request.preview ? undefined : `create ${request.name}`, request.inputs, async () => {
          if (request.preview) return { id: "", outputs: { ...request.inputs, made: UNKNOWN } };
          try {
            const result = await this.onCreate(request);
            this.world.set(result.id, result.outputs);
            return result;
          } catch (error) {
            if (error instanceof ResourceInitError) this.world.set(error.id, error.outputs);
            throw error;
          }
        }),
      read: (request) => this.call(`read ${request.name}`, request.outputs ?? {}, () => this.onRead(request)),
      update: (request) =>
        this.call(request.preview ? undefined : `update ${request.name}`, request.news, async () => {
          if (request.preview) return { ...request.news, made: UNKNOWN };
          const outputs = await this.onUpdate(request);
          this.world.set(request.id, outputs);
          return outputs;
        }),
      delete: (request) =>
        this.call(`delete ${request.name}`, request.oldOutputs, async () => {
          await this.onDelete(request);
          this.world.delete(request.id);
        }),
      invoke: (token, args) =>
        this.call(`invoke ${token}`, args, async () => ({
          result: await this.onInvoke(token, args),
          failures: [] as CheckFailure[],
        })),
      cancel: () => (this.cancelled = true),
      close: () => Promise.resolve(),
    };
  };

  /** The calls that changed the world. */
  get mutations(): string[] {
    return this.calls.filter((call) => /^(create|update|delete) /.test(call));
  }

  reset(): void {
    this.calls = [];
    this.received = [];
    this.mostRunning = 0;
  }

  private async call<T>(label: string | undefined, given: JsonObject, answer: () => T | Promise<T>): Promise<T> {
    if (label !== undefined) this.calls.push(label);
    this.received.push(given);
    const mutation = label !== undefined && /^(create|update|delete) /.test(label);
    if (mutation) this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      return await answer();
    } finally {
      if (mutation) this.running--;
    }
  }
}
