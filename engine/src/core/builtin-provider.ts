/** The provider of package `pulumi`: references to other stacks, stashes, and what programs may ask about the deployment. */
import { randomUUID } from "node:crypto";
import type { DeploymentOptions, ResourceState } from "../model";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  CreateResult,
  DiffRequest,
  DiffResult,
  Json,
  JsonObject,
  Provider,
  ReadRequest,
  ReadResult,
  UpdateRequest,
} from "../provider";
import { containsSecret, deepEqual } from "./values";

const STACK_REFERENCE = "pulumi:pulumi:StackReference";
const STASH = "pulumi:index:Stash";

export interface BuiltinContext {
  readonly options: DeploymentOptions;
  /** What this deployment has registered or read so far. */
  findResource(urn: string): ResourceState | undefined;
}

export class BuiltinProvider implements Provider {
  constructor(private readonly context: BuiltinContext) {}

  configure(): Promise<void> {
    return Promise.resolve();
  }

  check({ type, news }: CheckRequest): Promise<CheckResult> {
    const wanted = { [STACK_REFERENCE]: "name", [STASH]: "input" }[type];
    if (wanted === undefined) return Promise.reject(unrecognized(type));
    const unknown = Object.keys(news).filter((key) => key !== wanted);
    const failures = unknown.map((property) => ({ property, reason: `unknown property "${property}"` }));
    if (news[wanted] === undefined)
      failures.push({ property: wanted, reason: `missing required property "${wanted}"` });
    return Promise.resolve({ inputs: news, failures });
  }

  diff({ type, oldInputs, news }: DiffRequest): Promise<DiffResult> {
    const same = deepEqual(oldInputs, news);
    const replaces = !same && type === STACK_REFERENCE ? ["name"] : [];
    return Promise.resolve({ changes: same ? "none" : "some", replaces, diffs: [], deleteBeforeReplace: false });
  }

  async create({ type, inputs, preview }: CreateRequest): Promise<CreateResult> {
    const id = preview ? "" : randomUUID();
    if (type === STACK_REFERENCE) return { id, outputs: await this.stackReference(inputs) };
    if (type === STASH) return { id, outputs: { input: inputs.input ?? null, output: inputs.input ?? null } };
    throw unrecognized(type);
  }

  async read({ type, id, inputs = {}, outputs = {} }: ReadRequest): Promise<ReadResult> {
    if (type === STACK_REFERENCE) return { id, inputs, outputs: await this.stackReference(inputs) };
    if (type === STASH) return { id, inputs, outputs };
    throw unrecognized(type);
  }

  update({ type, oldOutputs, news }: UpdateRequest): Promise<JsonObject> {
    if (type !== STASH) return Promise.reject(unrecognized(type));
    return Promise.resolve({ input: news.input ?? null, output: oldOutputs.output ?? null });
  }

  /** Nothing here exists outside of the state. */
  discard(): Promise<true> {
    return Promise.resolve(true);
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  async invoke(token: string, args: JsonObject): Promise<{ result: JsonObject; failures: [] }> {
    switch (token) {
      case "pulumi:pulumi:readStackOutputs":
        return { result: await this.stackReference(args), failures: [] };
      case "pulumi:pulumi:getResource":
        return { result: this.resource(args.urn), failures: [] };
      case "pulumi:pulumi:readStackResourceOutputs":
        return { result: await this.stackResources(args.stackName), failures: [] };
      default:
        throw new Error(`unrecognized function name: '${token}'`);
    }
  }

  cancel(): void {
    // Nothing here takes long.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async stackReference(inputs: JsonObject): Promise<JsonObject> {
    const { name } = inputs;
    if (typeof name !== "string")
      throw new Error(`a stack reference needs the name of a stack, but got ${JSON.stringify(name)}`);
    const full = this.fullName(name);
    const outputs = await this.context.options.readStackOutputs(full);
    if (!outputs) throw unknownStack(name, full);
    const secretOutputNames = Object.keys(outputs)
      .filter((key) => containsSecret(outputs[key]))
      .sort();
    return { name, outputs, secretOutputNames };
  }

  /** Type and outputs of every live resource, by URN. */
  private async stackResources(name: Json | undefined): Promise<JsonObject> {
    if (typeof name !== "string")
      throw new Error(`readStackResourceOutputs needs the name of a stack, but got ${JSON.stringify(name)}`);
    const full = this.fullName(name);
    const resources = await this.context.options.readStackResources(full);
    if (!resources) throw unknownStack(name, full);
    const live = resources.filter((state) => !state.delete);
    return { name, outputs: Object.fromEntries(live.map(({ urn, type, outputs }) => [urn, { type, outputs }])) };
  }

  /** `stack`, `project/stack` or `organization/project/stack`. */
  private fullName(name: string): string {
    const { organization, project } = this.context.options;
    const parts = name.split("/");
    if (parts.length === 1) return `${organization}/${project}/${name}`;
    return parts.length === 2 ? `${organization}/${name}` : name;
  }

  private resource(urn: Json | undefined): JsonObject {
    const state = typeof urn === "string" ? this.context.findResource(urn) : undefined;
    if (!state)
      throw new Error(`unknown resource ${JSON.stringify(urn)}: nothing with this URN has been registered in this run`);
    return { urn: state.urn, id: state.id ?? "", provider: state.provider ?? "", state: state.outputs };
  }
}

function unknownStack(name: string, full: string): Error {
  return new Error(
    `unknown stack ${JSON.stringify(name)} (looked for ${full}): it must have been deployed to the same state folder`,
  );
}

function unrecognized(type: string): Error {
  return new Error(`unrecognized resource type '${type}'`);
}
