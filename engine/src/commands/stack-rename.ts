import { access, rename as move } from "node:fs/promises";

import { renameStack } from "../core/state-edit";
import { EXIT, Failure } from "../failure";
import { fullName } from "../state/file-backend";
import { openStack, VERSION, type CommandContext } from "./context";
import { warner, withLock } from "./stack";

/** `stack rename <name>`: the state with each of its URNs, its history, its config file, and the selection. Changes no resource. */
export async function rename(context: CommandContext): Promise<number> {
  const { args, flags, terminal } = context;
  const { workspace, stack } = await openStack(context);
  const { backend } = workspace;
  const from = stack.name;
  const to = workspace.parseStackName(args[0] ?? "");
  if (fullName(from) === fullName(to)) throw new Failure(`the stack is called '${to.stack}' already`, EXIT.usage);
  const next = await workspace.stack(to);
  const moves = stack.config.exists && flags.text("config-file") === undefined && from.stack !== to.stack;
  const warn = warner(context);
  await withLock(backend.lock(from), warn, () =>
    withLock(backend.lock(to), warn, async () => {
      if ((await backend.read(to)) !== undefined) throw new Failure(`a stack named ${to.stack} already exists`);
      if (moves && (await isThere(next.config.file))) {
        throw new Failure(
          `${next.config.file} exists already: remove it, since the stack's own config file will get that name`,
        );
      }
      const { snapshot, wrong } = await stack.store.inspectSealed();
      await stack.store.saveSealed(renameStack(snapshot, from, to), wrong !== undefined, to);
      // From here on there are both; what is left to do can be done again by hand.
      await backend.moveHistory(from, to);
      if (moves) await move(stack.config.file, next.config.file);
      await backend.remove(from);
      await backend.noteWriter(to, VERSION, "stack rename");
    }),
  );
  await workspace.selection.set(to);
  terminal.out(`Renamed ${from.stack} to ${to.stack}\n`);
  return EXIT.ok;
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
