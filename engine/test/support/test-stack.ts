/** A stack of a small real program, deployed by the engine over gRPC, with the fake provider as package `fake`. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deploy } from "../../src/core/deploy";
import { integrityError } from "../../src/core/integrity";
import type {
  DeploymentKind,
  DeploymentOptions,
  DeploymentSummary,
  EngineEvent,
  ResourceState,
  Snapshot,
  StepEvent,
} from "../../src/model";
import type { JsonObject } from "../../src/provider";
import { FakeProvider } from "./fake-provider";

/** A run starts a program, which takes 1.5 s on an idle machine. */

/** What every test program begins with. */
const PRELUDE = `
import * as pulumi from "@pulumi/pulumi";
class Thing extends pulumi.CustomResource {
  readonly made!: pulumi.Output<string>;
  [key: string]: any;
  constructor(name: string, inputs: Record<string, any> = {}, options?: pulumi.CustomResourceOptions) {
    super("fake:index:Thing", name, { made: undefined, ...inputs }, options);
  }
}
class Group extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, options);
  }
}
`;

export interface Outcome {
  readonly summary: DeploymentSummary;
  readonly events: EngineEvent[];
  /** \`op name\` of every step that ended well, but those of providers. */
  readonly steps: string[];
  readonly errors: string[];
  /** Of the whole stack, as the display gets them. */
  readonly outputs: JsonObject;
}

export class TestStack {
  readonly provider = new FakeProvider();
  readonly folder = mkdtempSync(join(tmpdir(), "engine-test-"));
  snapshot: Snapshot = { resources: [], pendingOperations: [] };
  /** Every state that was saved, in order. */
  saves: Snapshot[] = [];
  options: Partial<DeploymentOptions> = {};

  constructor(program = "") {
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ name: "program", main: "index.ts" }));
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: proj\nruntime: nodejs\n");
    const modules = join(this.folder, "node_modules");
    const pulumi = dirname(require.resolve("@pulumi/pulumi/package.json"));
    symlinkSync(dirname(dirname(pulumi)), modules);
    this.program = program;
  }

  set program(text: string) {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "index.ts"), PRELUDE + text);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Preview, then update; the preview must have promised what the update did. */
  async up(program?: string): Promise<Outcome> {
    if (program !== undefined) this.program = program;
    const before = JSON.stringify(this.snapshot);
    const preview = await this.run("preview");
    expect(this.provider.mutations).toEqual([]);
    expect(JSON.stringify(this.snapshot)).toBe(before);
    const update = await this.run("update");
    expect(errorsOrCounts(preview)).toEqual(errorsOrCounts(update));
    return update;
  }

  async run(kind: DeploymentKind, options: Partial<DeploymentOptions> = {}): Promise<Outcome> {
    const events: EngineEvent[] = [];
    this.provider.reset();
    this.saves = [];
    const { summary, snapshot } = await deploy({
      kind,
      project: "proj",
      stack: "dev",
      organization: "organization",
      programFolder: this.folder,
      main: ".",
      config: {},
      secretConfigKeys: [],
      snapshot: this.snapshot,
      save: (saved) => {
        this.saves.push(structuredClone(saved));
        expectWellFormed(saved);
        return Promise.resolve();
      },
      providers: { fake: this.provider.factory },
      onEvent: (event) => events.push(structuredClone(event)),
      parallel: 16,
      refresh: false,
      targets: [],
      signal: new AbortController().signal,
      readStackOutputs: () => Promise.resolve(undefined),
      readStackResources: () => Promise.resolve(undefined),
      ...this.options,
      ...options,
    });
    if (kind !== "preview" && options.dryRun !== true) this.snapshot = structuredClone(snapshot);
    expectWellFormed(snapshot);
    const steps = events.flatMap((event) =>
      event.type === "step-done" && !event.step.internal ? [stepName(event.step)] : [],
    );
    const errors = events.flatMap((event) =>
      event.type === "diagnostic" && event.severity === "error" ? [event.message] : [],
    );
    const outputs = events.flatMap((event) =>
      event.type === "outputs" && event.urn.includes("pulumi:pulumi:Stack") ? [event.outputs] : [],
    );
    return { summary, events, steps, errors, outputs: outputs.at(-1) ?? {} };
  }

  /** The live resource of this name. */
  find(name: string): ResourceState | undefined {
    return this.snapshot.resources.find((state) => !state.delete && state.urn.endsWith(`::${name}`));
  }

  get(name: string): ResourceState {
    const state = this.find(name);
    if (!state) throw new Error(`no resource ${name} in ${this.names.join(", ")}`);
    return state;
  }

  /** Names of all things, in the state's order; one to be deleted with a dagger. */
  get names(): string[] {
    return this.snapshot.resources
      .filter(({ type }) => type === "fake:index:Thing" || type === "test:index:Group")
      .map(({ urn, delete: doomed }) => `${urn.split("::").pop() ?? ""}${doomed ? "†" : ""}`);
  }
}

function stepName({ op, urn }: StepEvent): string {
  return `${op} ${urn.split("::").pop() ?? ""}`;
}

function errorsOrCounts({ summary }: Outcome): unknown {
  return summary.failed ? undefined : summary.counts;
}

/** Whatever a run did, its state is one that the CLI would read. */
export function expectWellFormed({ resources }: Snapshot): void {
  expect(integrityError(resources)).toBeUndefined();
}
