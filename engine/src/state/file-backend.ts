import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

import { Failure, hasCode } from "../failure";
import { copyWhole, keepBackup, parseJson, readIfThere, writeDurably } from "./files";
import { StackLock } from "./lock";

/** A stack of a project. Its full name has the organization that file backends always use. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** What one file of a stack's history holds. */
export interface StoredUpdate {
  readonly file: string;
  readonly content: unknown;
}

export const ORGANIZATION = "organization";

export function fullName({ project, stack }: StackName): string {
  return `${ORGANIZATION}/${project}/${stack}`;
}

/** The folders of Pulumi's file backend: `<root>/.pulumi/…`, layout version 1 (stacks grouped by project). */
export class FileBackend {
  private readonly bookkeeping: string;

  constructor(
    /** The folder that contains `.pulumi`. */
    readonly root: string,
    /** As the user or the default named it; it scopes the selected stack. */
    readonly url: string = pathToFileURL(root).href,
  ) {
    this.bookkeeping = path.join(root, ".pulumi");
  }

  stateFile({ project, stack }: StackName): string {
    return path.join(this.bookkeeping, "stacks", project, `${stack}.json`);
  }

  /** @returns the state file's text, or undefined when there is no such stack. */
  async read(name: StackName): Promise<string | undefined> {
    await this.checkLayout();
    const content = await readIfThere(this.stateFile(name));
    if (content !== undefined) return content;
    for (const ending of [".gz", ".zst"]) {
      if (await exists(this.stateFile(name) + ending)) {
        throw new Failure(
          `${this.stateFile(name)}${ending} is compressed, which this engine does not read. Use the Pulumi CLI for it`,
        );
      }
    }
    return undefined;
  }

  /** Saves a state: the one before it becomes `.bak`, and at no moment is there none. */
  async write(name: StackName, content: string): Promise<void> {
    const file = this.stateFile(name);
    await this.writeMeta();
    await keepBackup(file);
    await writeDurably(file, content);
    await this.forgetAttributes(file);
  }

  /** The CLI's storage library keeps the hash of each file beside it, in `.attrs`; it must not outlive the content. */
  private async forgetAttributes(file: string): Promise<void> {
    await Promise.all([`${file}.attrs`, `${file}.bak.attrs`].map((each) => rm(each, { force: true })));
  }

  /** All stacks of the backend, by name. */
  async list(): Promise<StackName[]> {
    await this.checkLayout();
    const folder = path.join(this.bookkeeping, "stacks");
    const names: StackName[] = [];
    for (const project of await entriesOf(folder)) {
      for (const file of await entriesOf(path.join(folder, project))) {
        if (file.endsWith(".json")) names.push({ project, stack: file.slice(0, -".json".length) });
      }
    }
    return names.sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
  }

  /** Removes a stack and its history; the last state stays behind as `.bak`, as with the CLI. */
  async remove(name: StackName, removeBackups = false): Promise<void> {
    await keepBackup(this.stateFile(name));
    await rm(this.stateFile(name), { force: true });
    await this.forgetAttributes(this.stateFile(name));
    await rm(this.folder("history", name), { recursive: true, force: true });
    if (!removeBackups) return;
    await rm(`${this.stateFile(name)}.bak`, { force: true });
    await rm(this.folder("backups", name), { recursive: true, force: true });
  }

  /** Notes a finished operation, with a copy of the state it left, in `history` and `backups`. */
  async addToHistory(name: StackName, update: object, at: Date): Promise<void> {
    const stamp = `${at.getTime()}000000`;
    const prefix = path.join(this.folder("history", name), `${name.stack}-${stamp}`);
    await writeDurably(`${prefix}.history.json`, JSON.stringify(update));
    await copyWhole(this.stateFile(name), `${prefix}.checkpoint.json`);
    if (isTrue(process.env.PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS)) return;
    await copyWhole(this.stateFile(name), path.join(this.folder("backups", name), `${name.stack}.${stamp}.json`));
  }

  /** Finished operations, the latest first, by whichever engine. @param skip how many of the latest to leave out */
  async history(name: StackName, skip: number, limit: number): Promise<StoredUpdate[]> {
    const folder = this.folder("history", name);
    const files = (await entriesOf(folder)).filter((file) => /\.history\.json(\.gz|\.zst)?$/.test(file)).reverse();
    return Promise.all(
      files.slice(skip, skip + limit).map(async (entry) => {
        const file = path.join(folder, entry);
        if (!entry.endsWith(".json"))
          throw new Failure(`${file} is compressed, which this engine does not read. Use the Pulumi CLI for it`);
        return { file, content: parseJson(await readFile(file, "utf8"), file) };
      }),
    );
  }

  /** Gives a stack's history to the name that it will have, in which its files are named too. */
  async moveHistory(from: StackName, to: StackName): Promise<void> {
    const folder = this.folder("history", from);
    const target = this.folder("history", to);
    for (const file of await entriesOf(folder)) {
      if (!file.startsWith(`${from.stack}-`)) continue;
      await mkdir(target, { recursive: true, mode: 0o700 });
      await rename(path.join(folder, file), path.join(target, `${to.stack}${file.slice(from.stack.length)}`));
    }
  }

  lock({ project, stack }: StackName): StackLock {
    return new StackLock(path.join(this.bookkeeping, "locks", ORGANIZATION, project, stack));
  }

  /** Which engine wrote a stack's state last, and when; beside `.pulumi`, for people and for set-up scripts. */
  async noteWriter(name: StackName, version: string, operation: string): Promise<void> {
    const file = path.join(this.root, "engine.json");
    const known = await readIfThere(file).then(
      (content) => (content === undefined ? {} : (parseJson(content, file) as Record<string, unknown>)),
      () => ({}),
    );
    const note = { engine: "embedded", version, operation, time: new Date().toISOString() };
    await writeDurably(file, `${JSON.stringify({ ...known, [fullName(name)]: note }, undefined, 2)}\n`);
  }

  private folder(kind: "history" | "backups", { project, stack }: StackName): string {
    return path.join(this.bookkeeping, kind, project, stack);
  }

  private async writeMeta(): Promise<void> {
    const file = path.join(this.bookkeeping, "meta.yaml");
    if (await exists(file)) return;
    await this.checkLayout();
    await writeDurably(file, "version: 1\n");
  }

  /**
   * Stacks of the old layout (version 0, not grouped by project) are invisible to the new one: say so instead of "no such stack". That
   * layout has no meta.yaml, and with one its stacks would be invisible to the CLI too.
   */
  private async checkLayout(): Promise<void> {
    const file = path.join(this.bookkeeping, "meta.yaml");
    const meta = await readIfThere(file);
    if (meta === undefined) return this.refuseLegacyStacks();
    const version = /^version:\s*(\d+)\s*$/m.exec(meta)?.[1];
    if (version === "1") return;
    throw new Failure(`${file} has version ${version ?? "unknown"}; this engine knows 1. Use the Pulumi CLI for it`);
  }

  private async refuseLegacyStacks(): Promise<void> {
    const folder = path.join(this.bookkeeping, "stacks");
    const legacy = (await entriesOf(folder)).filter((name) => /\.json(\.gz|\.zst)?$/.test(name));
    if (legacy.length === 0) return;
    throw new Failure(
      `${folder} has stacks of the layout before projects (${legacy.join(", ")}), which this engine does not read. Use the Pulumi CLI ` +
        "for it; its `pulumi state upgrade` brings them into the present layout",
    );
  }
}

/**
 * Opens the backend that PULUMI_BACKEND_URL names, or the default folder.
 *
 * @param url `file://` and a path (`~` is the home folder; a relative path counts from `folder`).
 */
export function openBackend(url: string, folder: string): FileBackend {
  if (!url.startsWith("file://")) {
    throw new Failure(
      `the backend ${JSON.stringify(url)} is not a file:// URL, the only kind that this engine knows. Use the Pulumi CLI for it`,
    );
  }
  const [place = ""] = url.slice("file://".length).split("?");
  if (place === "")
    throw new Failure(`the backend ${JSON.stringify(url)} names no folder: expected file:///path/to/folder`);
  const expanded = place === "~" || place.startsWith("~/") ? path.join(os.homedir(), place.slice(1)) : place;
  return new FileBackend(path.resolve(folder, decodeURIComponent(expanded)), url);
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return [];
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}
