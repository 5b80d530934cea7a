import {
  SECRET,
  SIGNATURE,
  type EngineEvent,
  type PropertyChange,
  type ResourceState,
  type StepEvent,
  type StepOp,
} from "../../../src/model";
import type { DisplayOptions, Screen } from "../../../src/display/display";
import type { Json, JsonObject } from "../../../src/provider";

const PREFIX = "urn:pulumi:dev::shop::";
export const STACK = `${PREFIX}pulumi:pulumi:Stack::shop-dev`;
export const CONTAINER = "docker:index/container:Container";

/** The URN of a container. */
export const urn = (name: string, type = CONTAINER): string => `${PREFIX}${type}::${name}`;
export const secret = (value: Json): Json => ({ [SIGNATURE]: SECRET, value });

/** A step about a container under the stack. */
export function step(
  op: StepOp,
  name: string,
  changes: PropertyChange[] = [],
  over: Partial<StepEvent> = {},
): StepEvent {
  const state = (inputs: JsonObject): ResourceState => ({
    urn: urn(name),
    custom: true,
    type: CONTAINER,
    id: "1",
    inputs,
    outputs: {},
    parent: STACK,
  });
  return {
    op,
    urn: urn(name),
    resourceType: CONTAINER,
    internal: false,
    ...(op === "create" ? {} : { old: state({ password: secret("swordfish") }) }),
    ...(op === "delete" ? {} : { new: state({ password: secret("swordfish"), image: "nginx" }) }),
    changes,
    ...over,
  };
}

/** A step about the stack itself. */
export function stackStep(op: StepOp, outputs: JsonObject = {}): StepEvent {
  const state: ResourceState = { urn: STACK, custom: false, type: "pulumi:pulumi:Stack", inputs: {}, outputs };
  return {
    op,
    urn: STACK,
    resourceType: "pulumi:pulumi:Stack",
    internal: false,
    ...(op === "create" ? {} : { old: state }),
    new: state,
    changes: [],
  };
}

export const started = (event: StepEvent): EngineEvent => ({ type: "step-start", step: event });
export const done = (event: StepEvent, seconds = 1.2): EngineEvent => ({ type: "step-done", step: event, seconds });

/** A screen that keeps what was written. */
export function paper(size?: { columns: number; rows: number }): Screen & { text(): string } {
  let text = "";
  return {
    write: (more) => void (text += more),
    size: size === undefined ? undefined : () => size,
    colour: false,
    text: () => text,
  };
}

export const options = (over: Partial<DisplayOptions> = {}): DisplayOptions => ({
  kind: "update",
  preview: over.kind === "preview",
  project: "shop",
  stack: "dev",
  programFolder: "/srv/shop",
  showSecrets: false,
  diff: false,
  debug: false,
  suppressOutputs: false,
  clock: () => 0,
  ...over,
});
