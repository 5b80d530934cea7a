import { randomUUID } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { z } from "zod";

import { Failure, hasCode, messageOf } from "../failure";
import { writeDurably } from "./files";
import { identityOf, startTimeOf, type ProcessIdentity } from "./process-identity";

/** The content of a lock file, as the CLI writes it (pkg/backend/diy/lock.go), and a field of this engine's that the CLI passes over. */
export interface LockOwner {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Absent: the CLI's, or made where a process cannot be told from another. */
  readonly process?: ProcessIdentity | undefined;
}

/** What a lock needs to know of the machine; replaced in tests. */
export interface Machine {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  now(): Date;
  identityOf(pid: number): ProcessIdentity | undefined;
  startTimeOf(pid: number): string | undefined;
  /** Waits. */
  pause(milliseconds: number): Promise<void>;
}

export const thisMachine: Machine = {
  pid: process.pid,
  hostname: os.hostname(),
  username: userName(),
  now: () => new Date(),
  identityOf,
  startTimeOf,
  pause: (milliseconds) => setTimeout(milliseconds),
};

/** How often runs that began together, and gave way to each other, begin again: with waits that differ, one is first soon. */
const ATTEMPTS = 8;
const PAUSE_MS = 50;

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

class LockHeld extends Failure {}

interface FoundLock {
  readonly file: string;
  /** Undefined: the file does not say (half written, or not a lock). */
  readonly owner: LockOwner | undefined;
}

/**
 * The lock of one stack: a file of its own in a folder, as the CLI makes it.
 *
 * INVARIANT: write first, then look again. Of two runs that start together each sees the other's file, so that both may give way,
 * but never both go on. Which of them then begins again first is left to chance; it must not be left to the files, as one of the two
 * may have looked before the other wrote.
 */
export class StackLock {
  private readonly file: string;

  constructor(
    private readonly folder: string,
    private readonly machine: Machine = thisMachine,
    /** What is told when it is held, before who holds it. */
    private readonly refusal = (count: number): string =>
      `the stack is currently locked by ${count} lock(s). Either wait for the other process(es) to end or ` +
      "delete the lock file with `pulumi cancel`.",
  ) {
    this.file = path.join(folder, `${randomUUID()}.json`);
  }

  /**
   * @param warn told of each stale lock that was taken over.
   * @throws Failure that names who holds the lock.
   */
  async acquire(warn: (message: string) => void): Promise<void> {
    for (let attempt = 1; !(await this.tryToAcquire(warn, attempt === ATTEMPTS)); attempt += 1)
      await this.machine.pause(PAUSE_MS * attempt * Math.random());
  }

  /** @returns false: others were there at the same time. @throws Failure when it was held before, or this was the `last` attempt */
  private async tryToAcquire(warn: (message: string) => void, last: boolean): Promise<boolean> {
    await this.refuseIfHeld(warn);
    const owner: LockOwner = {
      pid: this.machine.pid,
      username: this.machine.username,
      hostname: this.machine.hostname,
      timestamp: this.machine.now().toISOString(),
      process: this.machine.identityOf(this.machine.pid),
    };
    try {
      // Whole or not at all: a lock that does not say whose it is could not be told from one that is held.
      await writeDurably(this.file, JSON.stringify(owner));
    } catch (error) {
      throw new Failure(`the stack cannot be locked: ${messageOf(error)}`);
    }
    try {
      await this.refuseIfHeld(warn);
      return true;
    } catch (error) {
      await this.release();
      if (last || !(error instanceof LockHeld)) throw error;
      return false;
    }
  }

  async release(): Promise<void> {
    await rm(this.file, { force: true });
  }

  /** For the moment when the process is about to end. */
  releaseNow(): void {
    rmSync(this.file, { force: true });
  }

  /** Removes every lock of the stack, whoever made it. @returns how many there were. */
  async cancel(): Promise<number> {
    const locks = await this.others();
    await Promise.all(locks.map(({ file }) => removeLock(file)));
    return locks.length;
  }

  private async refuseIfHeld(warn: (message: string) => void): Promise<void> {
    const held: FoundLock[] = [];
    for (const lock of await this.others()) {
      const reason = this.whyStale(lock.owner);
      if (reason === undefined) {
        held.push(lock);
      } else {
        warn(`took over the lock of ${describe(lock.owner)}: ${reason}`);
        await removeLock(lock.file);
      }
    }
    if (held.length === 0) return;
    const lines = held.map(
      (lock) =>
        `\n  ${pathToFileURL(lock.file).href}: created by ${describe(lock.owner)}${lock.owner === undefined ? "" : this.hint(lock.owner)}`,
    );
    throw new LockHeld(`${this.refusal(held.length)}${lines.join("")}`);
  }

  /**
   * A lock is stale only if that is certain: made in this start of this host and in this PID namespace, by a process that is gone. A lock
   * that does not say all of that (the CLI's) is held, whatever has its number.
   */
  private whyStale(owner: LockOwner | undefined): string | undefined {
    if (owner?.process === undefined || owner.hostname !== this.machine.hostname) return undefined;
    const own = this.machine.identityOf(this.machine.pid);
    if (own?.bootId !== owner.process.bootId || own.namespaces !== owner.process.namespaces) return undefined;
    const startTime = this.machine.startTimeOf(owner.pid);
    if (startTime === "gone") return `no process ${owner.pid} runs on this host any more`;
    if (startTime === undefined || startTime === owner.process.startTime) return undefined;
    return `no process ${owner.pid} runs on this host any more (another one has the number now)`;
  }

  /** Why a lock that is probably stale is not taken over, for the person who has to decide. */
  private hint({ process: made, hostname }: LockOwner): string {
    const own = this.machine.identityOf(this.machine.pid);
    if (made === undefined || own === undefined || hostname !== this.machine.hostname) return "";
    if (own.bootId !== made.bootId) {
      return "; before this host last started, or by another machine of this name: delete the file if it runs nowhere";
    }
    return own.namespaces === made.namespaces ? "" : "; in another container of this host";
  }

  private async others(): Promise<FoundLock[]> {
    let names: string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return [];
      throw new Failure(`could not read the locks in ${this.folder}: ${messageOf(error)}`);
    }
    const locks = names.filter((name) => name.endsWith(".json"));
    const files = locks.map((name) => path.join(this.folder, name)).filter((file) => file !== this.file);
    const found = await Promise.all(files.map(readLock));
    return found.filter((lock) => lock !== undefined);
  }
}

/** The CLI's storage library keeps a second file, `.attrs`, beside each of its files. */
async function removeLock(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(`${file}.attrs`, { force: true });
}

/** @returns undefined when the lock was released in the meantime. */
async function readLock(file: string): Promise<FoundLock | undefined> {
  try {
    return { file, owner: asOwner(JSON.parse(await readFile(file, "utf8"))) };
  } catch (error) {
    return hasCode(error, "ENOENT") ? undefined : { file, owner: undefined };
  }
}

const ownerSchema = z.object({
  pid: z.number(),
  username: z.string().default("unknown"),
  hostname: z.string(),
  timestamp: z.string(),
  // A field that is not as this engine writes it counts as none: the lock is held.
  process: z
    .object({ bootId: z.string().min(1), namespaces: z.string().min(1), startTime: z.string().min(1) })
    .optional()
    .catch(undefined),
});

function asOwner(value: unknown): LockOwner | undefined {
  const owner = ownerSchema.safeParse(value);
  return owner.success ? owner.data : undefined;
}

function describe(owner: LockOwner | undefined): string {
  if (owner === undefined) return "an unknown process";
  return `${owner.username}@${owner.hostname} (pid ${owner.pid}) at ${owner.timestamp}`;
}
