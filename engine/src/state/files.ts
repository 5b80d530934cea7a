import { randomBytes } from "node:crypto";
import { copyFile, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import * as path from "node:path";

import { Failure, hasCode, messageOf } from "../failure";
import { jsonErrorOffset } from "./json-position";

/**
 * Writes a file so that after a crash either the old or the new content is there, whole: temporary file, fsync, rename, fsync of the folder.
 *
 * @param mode of the new file. @default 0o600
 */
export async function writeDurably(file: string, content: string, mode = 0o600): Promise<void> {
  await writeBeside(file, content, mode, (temporary) => rename(temporary, file));
}

/**
 * Makes a file that was not there, whole or not at all; of several who try at once, one does.
 *
 * @returns false: somebody else has made it.
 */
export async function makeDurably(file: string, content: string, mode = 0o600): Promise<boolean> {
  let made = true;
  await writeBeside(file, content, mode, async (temporary) => {
    try {
      // A rename would replace what another has made meanwhile.
      await link(temporary, file);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      made = false;
    }
    await rm(temporary, { force: true });
  });
  return made;
}

async function writeBeside(
  file: string,
  content: string,
  mode: number,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = path.dirname(file);
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await place(temporary);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new Failure(`could not write ${file}: ${messageOf(error)}`);
  }
  await syncFolder(folder);
}

/** A rename is durable only once its folder is; some file systems cannot sync a folder, which is no error. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}

/** Keeps the present content of a file as `<file>.bak`, replacing an older one; nothing happens when there is no file. */
export async function keepBackup(file: string): Promise<void> {
  await putInPlace(`${file}.bak`, async (temporary) => {
    try {
      await link(file, temporary);
    } catch (error) {
      if (hasCode(error, "ENOENT")) throw error;
      await copyFile(file, temporary);
    }
  }).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw new Failure(`could not back up ${file}: ${messageOf(error)}`);
  });
}

/** Copies a file; a copy that cannot be finished does not stay behind. */
export async function copyWhole(file: string, target: string): Promise<void> {
  try {
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await putInPlace(target, (temporary) => copyFile(file, temporary));
  } catch (error) {
    throw new Failure(`could not copy ${file} to ${target}: ${messageOf(error)}`);
  }
}

/** Makes a file beside its place, and moves it there when it is whole. */
async function putInPlace(file: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await make(temporary);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** The content of a file, or undefined when there is none. A byte order mark is left out. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const content = await readFile(file, "utf8");
    return content.startsWith("\uFEFF") ? content.slice(1) : content;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return undefined;
    throw new Failure(`could not read ${file}: ${messageOf(error)}`);
  }
}

/** Parses JSON; a mistake is reported with file, line and column. */
export function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    const { line, column } = positionOf(content);
    throw new Failure(`${file}:${line}:${column} is not valid JSON: ${shortReason(messageOf(error))}`);
  }
}

function positionOf(content: string): { line: number; column: number } {
  const offset = jsonErrorOffset(content);
  const before = content.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

function shortReason(reason: string): string {
  return reason.replace(/ in JSON at position.*$/, "").replace(/, (\.\.\.)?".*" is not valid JSON$/s, "");
}
