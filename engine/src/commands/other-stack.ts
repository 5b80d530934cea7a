import type { Snapshot } from "../model";
import { readSnapshot } from "../state/checkpoint";
import { blindCodec } from "../state/properties";
import { StackStore } from "../state/stack-store";
import type { Workspace } from "../workspace/workspace";
import { VERSION } from "./context";

/**
 * The state of another stack of the same backend, or of this one after its last update; undefined when there is none. Where its secrets
 * cannot be read, everything else can, and each secret is an empty map, as the CLI has it.
 */
export async function readOther(
  workspace: Workspace,
  text: string,
  warn: (message: string) => void,
): Promise<Snapshot | undefined> {
  const name = workspace.parseStackName(text);
  const store = new StackStore(workspace.backend, name, workspace.passphrase, VERSION, undefined);
  const found = await store.read();
  if (found === undefined) return undefined;
  try {
    await store.crypter();
  } catch (error) {
    let elided = 0;
    const decrypt = (): string => (elided++, "{}");
    const snapshot = readSnapshot(found.deployment, { ...blindCodec, decrypt });
    const reason = error instanceof Error ? error.message : String(error);
    if (elided > 0) warn(`eliding undecryptable secrets for stack reference '${text}': ${reason}`);
    return snapshot;
  }
  return store.load();
}
