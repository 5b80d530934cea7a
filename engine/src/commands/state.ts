/** `pulumi state …`: changes of the state by hand. Secrets stay as they are encrypted, so none of these needs the passphrase. */
import { integrityError, repair as mend } from "../core/integrity";
import { dependentsOf, locate, renameResource } from "../core/state-edit";
import type { ResourceState, Snapshot } from "../model";
import { EXIT, Failure, messageOf } from "../failure";
import { openStack, saysYes, VERSION, type CommandContext } from "./context";
import { warner, withLock } from "./stack";

/** `state delete <urn>…` */
export async function remove(context: CommandContext): Promise<number> {
  const { args, flags, terminal } = context;
  requireChoice(context, "deleting");
  let count = 0;
  await edit(context, "state delete", ({ resources, pendingOperations }) => {
    const chosen = flags.is("all") ? resources : args.map((urn) => locate(resources, urn));
    const dependents = dependentsOf(resources, chosen);
    if (dependents.length > 0 && !flags.is("target-dependents")) {
      const lines = dependents.map(({ urn }) => ` * ${urn}`).join("\n");
      throw new Failure(
        `${chosen.map(({ urn }) => urn).join(", ")} can't be safely deleted because the following resources depend on it:\n` +
          `${lines}\n\nDelete those resources first or pass --target-dependents.`,
      );
    }
    const going = new Set([...chosen, ...dependents]);
    for (const { urn, protect } of going) {
      if (!protect) continue;
      if (!flags.is("force")) {
        throw new Failure(
          `${urn} can't be safely deleted because it is protected. Re-run this command with --force to force deletion`,
        );
      }
      warner(context)(`deleting protected resource ${urn} due to presence of --force`);
    }
    count = going.size;
    return { resources: resources.filter((state) => !going.has(state)), pendingOperations };
  });
  terminal.out(count === 1 ? "Resource deleted\n" : `${count} resources deleted\n`);
  return EXIT.ok;
}

/** `state unprotect <urn>…` */
export async function unprotect(context: CommandContext): Promise<number> {
  const { args, flags, terminal } = context;
  requireChoice(context, "unprotecting");
  let count = 0;
  await edit(context, "state unprotect", ({ resources, pendingOperations }) => {
    const live = resources.filter((state) => !state.delete);
    const chosen = new Set<ResourceState>(flags.is("all") ? live : args.map((urn) => locate(live, urn)));
    count = chosen.size;
    return {
      resources: resources.map((state) => (chosen.has(state) ? { ...state, protect: false } : state)),
      pendingOperations,
    };
  });
  terminal.out(flags.is("all") ? "All resources unprotected\n" : `${count} resource(s) unprotected\n`);
  return EXIT.ok;
}

/** `state rename <urn> <name>` */
export async function rename(context: CommandContext): Promise<number> {
  const [urn = "", name = ""] = context.args;
  await edit(context, "state rename", (snapshot) => renameResource(snapshot, urn, name));
  context.terminal.out("Resource renamed\n");
  return EXIT.ok;
}

/** `state repair`: sorts what stands in the wrong order, and removes references to what is missing; a state that is whole stays. */
export async function repair(context: CommandContext): Promise<number> {
  const { terminal } = context;
  const { workspace, stack } = await openStack(context);
  return withLock(workspace.backend.lock(stack.name), warner(context), async () => {
    const { snapshot, wrong } = await stack.store.inspectSealed();
    if (wrong === undefined) {
      terminal.out("The snapshot is already valid; skipping repair\n");
      return EXIT.ok;
    }
    const { resources, changes } = mend(snapshot.resources);
    const left = integrityError(resources);
    if (left !== undefined) {
      throw new Failure(
        `Failed to repair the snapshot automatically: ${left}\nWhat was wrong at first: ${wrong}\n` +
          "Mend it by hand: `pulumi stack export --file state.json`, keep a copy, edit it, `pulumi stack import --file state.json`",
      );
    }
    terminal.out([`The state is broken: ${wrong}`, ...changes.map((change) => `  ${change}`), ""].join("\n"));
    if (!saysYes(context) && !terminal.interactive) {
      throw new Failure("non-interactive mode requires --yes flag", EXIT.usage);
    }
    await confirm(context);
    await stack.store.saveSealed({ ...snapshot, resources });
    await workspace.backend.noteWriter(stack.name, VERSION, "state repair");
    terminal.out("State repaired successfully\n");
    return EXIT.ok;
  });
}

/** Either some, or all. */
function requireChoice({ args, flags }: CommandContext, doing: string): void {
  const all = flags.is("all");
  if (all && args.length > 0) {
    throw new Failure(`cannot specify a resource URN when ${doing} all resources`, EXIT.usage);
  }
  if (!all && args.length === 0) {
    throw new Failure("name the resource's URN: `pulumi stack --show-urns` shows them", EXIT.usage);
  }
}

/** Changes the state under the stack's lock. One that was whole stays whole; one that was not may be changed all the same. */
async function edit(
  context: CommandContext,
  operation: string,
  change: (snapshot: Snapshot) => Snapshot,
): Promise<void> {
  const { workspace, stack } = await openStack(context);
  await withLock(workspace.backend.lock(stack.name), warner(context), async () => {
    const { snapshot, wrong } = await stack.store.inspectSealed();
    const next = changed(snapshot, change);
    await confirm(context);
    await stack.store.saveSealed(next, wrong !== undefined);
    await workspace.backend.noteWriter(stack.name, VERSION, operation);
  });
}

function changed(snapshot: Snapshot, change: (snapshot: Snapshot) => Snapshot): Snapshot {
  try {
    return change(snapshot);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(messageOf(error));
  }
}

/** As with the CLI, where nobody can be asked the command is the answer. */
async function confirm(context: CommandContext): Promise<void> {
  const { terminal } = context;
  if (saysYes(context) || !terminal.interactive) return;
  const answer = await terminal.ask("warning: This command will edit your stack's state directly. Confirm? (y/N) ");
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("confirmation declined");
}
