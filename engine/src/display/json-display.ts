import { ROOT_STACK_TYPE, type EngineEvent, type ResourceState, type StepEvent } from "../model";
import type { JsonObject } from "../provider";
import { writeResource } from "../state/resource-format";
import { blindCodec, BLINDED, revealSecrets } from "../state/properties";
import { strip } from "./colour";
import type { Display, DisplayOptions, Screen } from "./display";

type Fields = Record<string, unknown>;

/** A state with its secrets blinded, as the CLI's JSON has it. */
function stateOf(state: ResourceState | undefined): Fields | undefined {
  if (state === undefined) return undefined;
  const inputs = revealSecrets(state.inputs, false) as JsonObject;
  const outputs = revealSecrets(state.outputs, false) as JsonObject;
  return writeResource({ ...state, inputs, outputs }, blindCodec);
}

function detailedDiff(step: StepEvent, kindName: string): Fields {
  const entries = step.changes.map((change) => [change.path, { [kindName]: change.kind, inputDiff: true }]);
  return Object.fromEntries(entries) as Fields;
}

function topLevelPaths(step: StepEvent, onlyReplacing: boolean): string[] {
  const changes = step.changes.filter(({ kind }) => !onlyReplacing || kind.endsWith("-replace"));
  return [...new Set(changes.map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path))];
}

function withoutEmpty(fields: Fields): Fields {
  const isEmpty = (value: unknown): boolean =>
    value === undefined ||
    value === "" ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

/** `preview --json`: one document at the end (pkg/display/json.go, PreviewDigest). */
export class PreviewDigest implements Display {
  private readonly steps: Fields[] = [];
  private readonly diagnostics: Fields[] = [];
  private config: Record<string, string> = {};
  private result: Fields = {};

  constructor(
    private readonly screen: Screen,
    /** Config keys whose values must not be shown. */
    private readonly secretKeys: ReadonlySet<string>,
  ) {}

  onEvent(event: EngineEvent): void {
    switch (event.type) {
      case "prelude":
        this.config = blindConfig(event.config, this.secretKeys);
        return;
      case "step-start":
        if (isTold(event.step)) this.steps.push(digestStep(event.step));
        return;
      case "diagnostic":
        if (event.ephemeral === true || event.severity === "debug") return;
        this.diagnostics.push(
          withoutEmpty({ urn: event.urn, message: strip(event.message), severity: event.severity }),
        );
        return;
      case "program-output":
        this.diagnostics.push({ message: strip(event.line), severity: "info" });
        return;
      case "step-done":
        if (isTold(event.step)) this.replaceStep(event.step);
        return;
      case "step-failed":
        this.diagnostics.push(withoutEmpty({ urn: event.step.urn, message: strip(event.message), severity: "error" }));
        return;
      case "summary":
        // Go's Duration: nanoseconds.
        this.result = { duration: Math.round(event.summary.seconds * 1e9), changeSummary: event.summary.counts };
        return;
      case "outputs":
        return;
    }
  }

  finish(): void {
    const { config, steps, diagnostics, result } = this;
    const digest = withoutEmpty({ config, steps, diagnostics, ...result });
    this.screen.write(`${JSON.stringify(digest, undefined, 4)}\n`);
  }

  details(): string {
    return "";
  }

  /** A step that ends says more than when it began (outputs); one that never began is taken from its end. */
  private replaceStep(step: StepEvent): void {
    const index = this.steps.findIndex(({ urn, op }) => urn === step.urn && op === step.op);
    if (index >= 0) this.steps[index] = digestStep(step);
    else this.steps.push(digestStep(step));
  }
}

/** What stays the same is left out, as the CLI does; the stack itself never is. */
function isTold({ op, internal, resourceType }: StepEvent): boolean {
  return !internal && (op !== "same" || resourceType === ROOT_STACK_TYPE);
}

function digestStep(step: StepEvent): Fields {
  return withoutEmpty({
    op: step.op,
    urn: step.urn,
    provider: step.new?.provider ?? step.old?.provider,
    oldState: stateOf(step.old),
    newState: stateOf(step.new),
    diffReasons: topLevelPaths(step, false),
    replaceReasons: topLevelPaths(step, true),
    detailedDiff: detailedDiff(step, "kind"),
  });
}

/** `up --json` and its like: one event a line as it happens (apitype.EngineEvent). */
export class EventStream implements Display {
  private sequence = 0;

  constructor(
    private readonly screen: Screen,
    private readonly options: DisplayOptions,
    private readonly secretKeys: ReadonlySet<string>,
  ) {}

  onEvent(event: EngineEvent): void {
    const converted = this.convert(event);
    if (converted === undefined) return;
    const timestamp = Math.floor((this.options.clock ?? Date.now)() / 1000);
    this.screen.write(`${JSON.stringify({ sequence: this.sequence++, timestamp, ...converted })}\n`);
  }

  finish(): void {
    return;
  }

  details(): string {
    return "";
  }

  private convert(event: EngineEvent): Fields | undefined {
    switch (event.type) {
      case "prelude":
        return { preludeEvent: { config: blindConfig(event.config, this.secretKeys) } };
      case "step-start":
        return { resourcePreEvent: { metadata: metadataOf(event.step), ...this.planning() } };
      case "step-done":
        return { resOutputsEvent: { metadata: metadataOf(event.step), ...this.planning() } };
      case "step-failed":
        return { resOpFailedEvent: { metadata: metadataOf(event.step), status: 0, steps: 0, message: event.message } };
      case "diagnostic":
        return event.severity === "debug" && !this.options.debug ? undefined : { diagnosticEvent: diagnosticOf(event) };
      case "program-output":
        return { diagnosticEvent: { message: `${strip(event.line)}\n`, color: "never", severity: "info" } };
      case "summary":
        return {
          summaryEvent: {
            maybeCorrupt: false,
            durationSeconds: Math.ceil(event.summary.seconds),
            resourceChanges: event.summary.counts,
            PolicyPacks: {},
            isPreview: this.options.preview,
            result: event.summary.failed ? "failed" : "succeeded",
          },
        };
      case "outputs":
        return undefined;
    }
  }

  private planning(): Fields {
    return this.options.preview ? { planning: true } : {};
  }
}

function diagnosticOf(event: Extract<EngineEvent, { type: "diagnostic" }>): Fields {
  const { urn, message, severity, ephemeral } = event;
  return withoutEmpty({ urn, prefix: `${severity}: `, message: strip(message), color: "never", severity, ephemeral });
}

function metadataOf(step: StepEvent): Fields {
  return {
    op: step.op,
    urn: step.urn,
    type: step.resourceType,
    old: stateOf(step.old) ?? null,
    new: stateOf(step.new) ?? null,
    keys: topLevelPaths(step, true),
    diffs: topLevelPaths(step, false),
    detailedDiff: step.changes.length === 0 ? null : detailedDiff(step, "diffKind"),
    provider: step.new?.provider ?? step.old?.provider ?? "",
  };
}

function blindConfig(config: Record<string, string>, secretKeys: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, secretKeys.has(key) ? BLINDED : value]));
}
