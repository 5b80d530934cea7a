import { rm } from "node:fs/promises";
import { ReadyProcess } from "../core/ready-process";
import { hasChanges } from "../display/step-text";
import type { DeploymentKind, DeploymentOptions, DeploymentResult, Snapshot } from "../model";
import { AlreadyReported, EXIT, Failure } from "../failure";
import { ORGANIZATION } from "../state/file-backend";
import { outputsOf } from "../state/stack-store";
import { writeConfigValue } from "../workspace/config-value";
import { programConfig, withDefaults, type ProgramConfig } from "../workspace/program-config";
import type { Stack, Workspace } from "../workspace/workspace";
import { saveAssignments } from "./config";
import { openStack, saysYes, VERSION, type CommandContext } from "./context";
import { confirmRun } from "./confirm";
import { beginDisplay, type RunKind } from "./displays";
import { onInterrupt } from "./interrupt";
import { refuseLacking } from "./lacking";
import { readOther } from "./other-stack";
import { continuesOnError, parallelOf, selectionOf } from "./run-options";
import { warner } from "./stack";

export const up = (context: CommandContext): Promise<number> => change("update", context);
export const destroy = (context: CommandContext): Promise<number> => change("destroy", context);
export const refresh = (context: CommandContext): Promise<number> => change("refresh", context);

const PREVIEW: RunKind = { kind: "preview", dryRun: true };

interface Prepared {
  readonly workspace: Workspace;
  readonly stack: Stack;
  readonly selection: ReturnType<typeof selectionOf>;
  /** For the first run of the program, where there is to be one. */
  readonly takeProcess: () => ReadyProcess | undefined;
}

/** Everything that the runs of one command share. */
interface Run extends Prepared {
  readonly context: CommandContext;
  readonly program: ProgramConfig;
  readonly signal: AbortSignal;
}

/** `preview`: changes nothing, and takes no lock. */
export const preview = (context: CommandContext): Promise<number> =>
  prepared(context, true, async (ready) => {
    const { workspace, stack } = ready;
    const interrupt = onInterrupt(context.terminal, () => undefined);
    try {
      const program = await configOf(workspace, stack, "preview");
      const run = { ...ready, context, program, signal: interrupt.signal };
      const snapshot = await stack.store.load();
      const { result } = await runOnce(run, PREVIEW, snapshot);
      return finish(context, PREVIEW, result);
    } finally {
      interrupt.stop();
    }
  });

/** `up`, `destroy` and `refresh`: under the stack's lock, preview and ask, then act. */
async function change(kind: Exclude<DeploymentKind, "preview">, context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const mayAsk = terminal.interactive && !flags.is("json");
  if (!mayAsk && !["yes", "skip-preview", "preview-only"].some((flag) => flags.is(flag)) && !saysYes(context)) {
    throw new Failure(
      "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
      EXIT.usage,
    );
  }
  return prepared(context, kind === "update", async (ready) => {
    const { workspace, stack } = ready;
    const program = await configOf(workspace, stack, kind);
    const lock = workspace.backend.lock(stack.name);
    await lock.acquire(warner(context));
    const interrupt = onInterrupt(terminal, () => lock.releaseNow());
    try {
      return await changeLocked(kind, { ...ready, context, program, signal: interrupt.signal }, mayAsk);
    } finally {
      await lock.release();
      interrupt.stop();
    }
  });
}

async function changeLocked(kind: Exclude<DeploymentKind, "preview">, run: Run, mayAsk: boolean): Promise<number> {
  const { context, stack } = run;
  const { flags } = context;
  const snapshot = withoutCreations(await stack.store.load(), flags.is("clear-pending-creates"));
  if (flags.is("preview-only")) {
    const dry = { kind, dryRun: true };
    return finish(context, dry, (await runOnce(run, dry, snapshot)).result);
  }
  if (mayAsk && !saysYes(context)) await previewAndAsk(run, kind, snapshot);
  if (flags.is("clear-pending-creates")) await stack.store.save(snapshot);
  const startedAt = new Date();
  let result: DeploymentResult | undefined;
  try {
    ({ result } = await runOnce(run, { kind, dryRun: false }, snapshot));
  } finally {
    await note(run, kind, startedAt, result);
  }
  const code = finish(context, { kind, dryRun: false }, result);
  if (kind === "destroy" && isEmpty(result.snapshot)) await afterDestroy(run);
  return code;
}

/** Something that an interrupted creation may have left behind is something. */
function isEmpty({ resources, pendingOperations }: Snapshot): boolean {
  return resources.length === 0 && pendingOperations.length === 0;
}

/** The user says of all interrupted creations that nothing is left of them. */
function withoutCreations(snapshot: Snapshot, cleared: boolean): Snapshot {
  if (!cleared) return snapshot;
  return { ...snapshot, pendingOperations: snapshot.pendingOperations.filter(({ type }) => type !== "creating") };
}

/** Nothing is left: removes the stack too with `--remove`, else says that it is still there. */
async function afterDestroy({ context, workspace, stack }: Run): Promise<void> {
  const { flags, terminal } = context;
  const { name } = stack;
  if (flags.is("remove")) {
    await workspace.backend.remove(name);
    // Another file that --config-file names is the user's own.
    await rm(workspace.configFile(name), { force: true });
    if (!flags.is("json"))
      terminal.out("The resources in the stack have been deleted, and the history and configuration removed.\n");
  } else if (!flags.is("json")) {
    terminal.out(
      "The resources in the stack have been deleted, but the history and configuration associated with the stack are still maintained.\n" +
        `If you want to remove the stack completely, run \`pulumi stack rm ${name.stack}\`.\n`,
    );
  }
}

/** Does the work on an open stack. Where the program will run, its process begins to load beside all that comes before. */
async function prepared<T>(
  context: CommandContext,
  runsProgram: boolean,
  work: (ready: Prepared) => Promise<T>,
): Promise<T> {
  const selection = selectionOf(context.flags);
  const { workspace, stack } = await openStack(context);
  refuseLacking(workspace, stack, runsProgram);
  let ready = runsProgram ? startProcess(workspace, context) : undefined;
  const takeProcess = (): ReadyProcess | undefined => {
    const taken = ready;
    ready = undefined;
    return taken;
  };
  try {
    await stack.store.prepare();
    await loadCore();
    await saveAssignments(workspace, stack, context.flags.list("config"), false);
    return await work({ workspace, stack, selection, takeProcess });
  } finally {
    takeProcess()?.dispose();
  }
}

/** undefined: it cannot be, which the run says when it comes to it. */
function startProcess({ project }: Workspace, { flags }: CommandContext): ReadyProcess | undefined {
  try {
    return ReadyProcess.start({
      programFolder: project.folder,
      main: project.main,
      runtime: project.runtime,
      debug: flags.is("debug"),
    });
  } catch {
    return undefined;
  }
}

/** What only a deployment needs. Loading it takes as long as deriving the stack's key does meanwhile. */
const loadCore = () => import("../core/deploy");

/** Loaded when they are needed, or while the program is starting. */
const PROVIDERS: DeploymentOptions["providers"] = {
  docker: async (context) => (await import("../providers/docker")).dockerProvider(context),
  random: async () => (await import("../providers/random")).randomProvider(),
};

/** What is not run by the program (destroy, refresh) must work with a config that the program would refuse. */
async function configOf(workspace: Workspace, stack: Stack, kind: DeploymentKind): Promise<ProgramConfig> {
  const values = stack.config.values();
  // A passphrase is asked of the config only when something in it is encrypted.
  const crypter = stack.config.hasSecrets() ? await stack.store.crypter() : undefined;
  const decrypt = (text: string): string => crypter?.decrypt(text) ?? "";
  const lenient = { ...workspace.project, config: [] };
  if (kind === "preview" || kind === "update")
    return programConfig(workspace.project, stack.name.stack, values, decrypt);
  return programConfig(lenient, stack.name.stack, withDefaults(workspace.project, values).values, decrypt);
}

async function previewAndAsk(run: Run, kind: Exclude<DeploymentKind, "preview">, snapshot: Snapshot): Promise<void> {
  const { flags, terminal } = run.context;
  if (flags.is("skip-preview")) return confirmRun(terminal, kind, undefined, false);
  const { result, display } = await runOnce(run, { kind, dryRun: true }, snapshot);
  if (result.summary.interrupted) throw new Failure(`${kind} cancelled`, EXIT.cancelled);
  if (result.summary.failed) throw new AlreadyReported();
  return confirmRun(terminal, kind, display.details(), true);
}

/** One run of the engine, shown. */
async function runOnce(
  { context, workspace, stack, selection, takeProcess, program, signal }: Run,
  { kind, dryRun }: RunKind,
  snapshot: Snapshot,
): Promise<{ result: DeploymentResult; display: ReturnType<typeof beginDisplay> }> {
  const { flags } = context;
  const { project } = workspace;
  const display = beginDisplay(context, { kind, dryRun }, stack.name, project.folder, new Set(program.secretKeys));
  const warn = (message: string): void =>
    display.onEvent({ type: "diagnostic", severity: "warning", urn: "", message });
  const { deploy } = await loadCore();
  const options: DeploymentOptions = {
    // A dry run of an update is a kind of its own.
    kind: kind === "update" && dryRun ? "preview" : kind,
    dryRun,
    project: stack.name.project,
    stack: stack.name.stack,
    organization: ORGANIZATION,
    programFolder: project.folder,
    main: project.main,
    config: program.config,
    secretConfigKeys: program.secretKeys,
    snapshot,
    save: (state) => stack.store.save(state),
    providers: PROVIDERS,
    onEvent: (event) => display.onEvent(event),
    takeProcess,
    runtime: project.runtime,
    checkTypes: true,
    debug: flags.is("debug"),
    parallel: parallelOf(flags),
    refresh: flags.choice("refresh") ?? project.refreshAlways,
    ...selection,
    continueOnError: continuesOnError(flags, kind),
    signal,
    readStackOutputs: async (name) => {
      const other = await readOther(workspace, name, warn);
      return other && (outputsOf(other) ?? {});
    },
    readStackResources: async (name) => (await readOther(workspace, name, warn))?.resources,
  };
  try {
    return { result: await deploy(options), display };
  } finally {
    display.finish();
  }
}

/** Writes the run into the stack's history, as the CLI does (backend.UpdateInfo). */
async function note(
  run: Run,
  kind: DeploymentKind,
  startedAt: Date,
  result: DeploymentResult | undefined,
): Promise<void> {
  const { context, workspace, stack } = run;
  const now = new Date();
  const failed = result === undefined || result.summary.failed || result.summary.interrupted;
  const config = [...stack.config.values()].map(([key, value]) => [key, writeConfigValue(value)]);
  const update = {
    kind,
    startTime: Math.floor(startedAt.getTime() / 1000),
    message: context.flags.text("message") ?? "",
    environment: { "exec.kind": "cli", "exec.agent": VERSION },
    config: Object.fromEntries(config) as Record<string, unknown>,
    version: 0,
    result: failed ? "failed" : "succeeded",
    endTime: Math.floor(now.getTime() / 1000),
    resourceChanges: result?.summary.counts ?? {},
  };
  await workspace.backend.addToHistory(stack.name, update, now);
  await workspace.backend.noteWriter(stack.name, VERSION, kind);
}

function finish(context: CommandContext, { kind, dryRun }: RunKind, { summary }: DeploymentResult): number {
  if (summary.interrupted) throw new Failure(`${kind} cancelled`, EXIT.cancelled);
  if (summary.failed) throw new AlreadyReported();
  if (context.flags.is("expect-no-changes") && hasChanges(summary.counts)) {
    const became = dryRun ? "proposed" : "made";
    throw new Failure(`no changes were expected for ${kind} but changes were ${became}`, EXIT.noChangesExpected);
  }
  return EXIT.ok;
}
