import { rm } from "node:fs/promises";

import { parseCheckpoint } from "../state/checkpoint";
import { EXIT, Failure } from "../failure";
import { fullName, type StackName } from "../state/file-backend";
import type { StackLock } from "../state/lock";
import { openStack, openWorkspace, saysYes, VERSION, type CommandContext } from "./context";
import { formatJson, formatTable, timeAgo } from "./table";

/** The name that a command about one stack was given, as an argument or by `--stack`. */
function givenName({ args, flags }: CommandContext): string | undefined {
  const [argument] = args;
  if (argument !== undefined && flags.text("stack") !== undefined) {
    throw new Failure("only one of --stack or argument stack name may be specified, not both", EXIT.usage);
  }
  return argument ?? flags.text("stack");
}

/** Holds the lock of a stack while something is done. */
export async function withLock<T>(
  lock: StackLock,
  warn: (message: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await lock.acquire(warn);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** `stack init <name>` */
export async function init(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const provider = flags.text("secrets-provider") ?? "default";
  if (provider !== "default" && provider !== "passphrase") {
    throw new Failure(
      `unknown secrets provider '${provider}'; this engine knows 'passphrase'. Use the Pulumi CLI for it`,
      EXIT.usage,
    );
  }
  const workspace = await openWorkspace();
  let given = givenName(context);
  if (given === undefined) {
    if (!terminal.interactive) throw new Failure("missing stack name", EXIT.usage);
    given = await terminal.ask("stack name: (dev) ");
  }
  const name = workspace.parseStackName(given === "" ? "dev" : given);
  await withLock(workspace.backend.lock(name), warner(context), () => workspace.createStack(name));
  await workspace.backend.noteWriter(name, VERSION, "stack init");
  terminal.err(`Created stack '${name.stack}'\n`);
  if (!flags.is("no-select")) await workspace.selection.set(name);
  return EXIT.ok;
}

/** `stack select <name>` */
export async function select(context: CommandContext): Promise<number> {
  const workspace = await openWorkspace();
  const given = givenName(context);
  if (given === undefined) {
    const names = stacksOf(workspace.project.name, await workspace.backend.list());
    throw new Failure(`no stack selected; name one of: ${names.join(", ")}`, EXIT.stackNotFound);
  }
  const name = workspace.parseStackName(given);
  if ((await workspace.backend.read(name)) === undefined) {
    if (!context.flags.is("create")) throw new Failure(`no stack named '${given}' found`, EXIT.stackNotFound);
    await withLock(workspace.backend.lock(name), warner(context), () => workspace.createStack(name));
    context.terminal.err(`Created stack '${name.stack}'\n`);
  }
  await workspace.selection.set(name);
  return EXIT.ok;
}

/** `stack ls` */
export async function list(context: CommandContext): Promise<number> {
  const workspace = await openWorkspace();
  const selected = await workspace.selection.get();
  const current = selected === undefined ? undefined : fullName(workspace.parseStackName(selected));
  const names = (await workspace.backend.list()).filter(
    ({ project }) => context.flags.is("all") || project === workspace.project.name,
  );
  const stacks = await Promise.all(
    names.map(async (name) => {
      const file = workspace.backend.stateFile(name);
      const deployment = parseCheckpoint((await workspace.backend.read(name)) ?? "", file);
      const count = deployment?.resources?.length;
      return {
        name: name.project === workspace.project.name ? name.stack : fullName(name),
        current: fullName(name) === current,
        // A stack that was only made has a state, but no resources.
        ...(count === undefined ? {} : { lastUpdate: deployment?.manifest.time, resourceCount: count }),
      };
    }),
  );
  if (context.flags.is("json")) {
    context.terminal.out(formatJson(stacks));
    return EXIT.ok;
  }
  const rows = stacks.map((stack) => [
    stack.current ? `${stack.name}*` : stack.name,
    stack.lastUpdate === undefined ? "n/a" : timeAgo(new Date(stack.lastUpdate)),
    stack.resourceCount === undefined ? "n/a" : String(stack.resourceCount),
  ]);
  context.terminal.out(formatTable(["NAME", "LAST UPDATE", "RESOURCE COUNT"], rows));
  return EXIT.ok;
}

/** `stack rm` */
export async function remove(context: CommandContext): Promise<number> {
  const { flags, terminal } = context;
  const workspace = await openWorkspace();
  const stack = await workspace.requireStack(givenName(context));
  const { name } = stack;
  await confirmName(context, `This will permanently remove the '${name.stack}' stack!`, name.stack);
  await withLock(workspace.backend.lock(name), warner(context), async () => {
    const deployment = (await stack.store.read())?.deployment;
    const left = [...(deployment?.resources ?? []), ...(deployment?.pending_operations ?? [])];
    if (left.length > 0 && !flags.is("force")) {
      throw new Failure(
        `'${name.stack}' still has resources; removal rejected. Possible actions:\n` +
          `- Make sure that '${name.stack}' is the stack that you want to destroy\n` +
          "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n" +
          "- Run `pulumi stack rm --force` to override this error",
      );
    }
    await workspace.backend.remove(name, flags.is("remove-backups"));
  });
  if (!flags.is("preserve-config") && name.project === workspace.project.name)
    await rm(stack.config.file, { force: true });
  const selected = await workspace.selection.get();
  if (selected !== undefined && fullName(workspace.parseStackName(selected)) === fullName(name))
    await workspace.selection.clear();
  terminal.out(`Stack '${name.stack}' has been removed!\n`);
  return EXIT.ok;
}

/** `cancel`: removes the locks of a stack. The run that holds one is not stopped: it may still be working. */
export async function cancel(context: CommandContext): Promise<number> {
  const { args, flags, terminal } = context;
  const named: CommandContext = { ...context, args: [] };
  const { workspace, stack } =
    args[0] === undefined ? await openStack(named) : await openNamed(args[0], flags.text("stack"));
  const { name } = stack;
  if (terminal.interactive && !saysYes(context)) {
    await confirmName(
      context,
      `This will irreversibly cancel the currently running update for '${name.stack}'!`,
      name.stack,
    );
  }
  const count = await workspace.backend.lock(name).cancel();
  terminal.out(
    count === 0
      ? `Stack '${name.stack}' was not locked.\n`
      : `The currently running update for '${name.stack}' has been canceled!\n`,
  );
  return EXIT.ok;
}

async function openNamed(argument: string, flag: string | undefined): ReturnType<typeof openStack> {
  if (flag !== undefined)
    throw new Failure("only one of --stack or argument stack name may be specified, not both", EXIT.usage);
  const workspace = await openWorkspace();
  return { workspace, stack: await workspace.requireStack(argument) };
}

/** Lets the user type the stack's name, so that it is the right one. */
async function confirmName(context: CommandContext, warning: string, name: string): Promise<void> {
  if (saysYes(context)) return;
  if (!context.terminal.interactive) throw new Failure("non-interactive mode requires --yes flag", EXIT.usage);
  const answer = await context.terminal.ask(
    `${warning}\nPlease confirm that this is what you'd like to do by typing \`${name}\`: `,
  );
  if (answer.trim() !== name) throw new Failure("confirmation declined");
}

export function warner({ terminal }: CommandContext): (message: string) => void {
  return (message) => terminal.err(`warning: ${message}\n`);
}

function stacksOf(project: string, names: readonly StackName[]): string[] {
  const own = names.filter((name) => name.project === project).map(({ stack }) => stack);
  return own.length === 0 ? ["(there is none yet: `pulumi stack init <name>`)"] : own;
}
