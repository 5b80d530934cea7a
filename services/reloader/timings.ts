import { chmod, open, rename, stat, writeFile, type FileHandle } from "node:fs/promises";

/** A completed request of the site, from a line of nginx's log format `timing`. */
export interface Timing {
  /** The response status that the client got. */
  status: string;
  /** The time that replicas took, over all attempts; undefined: no replica was involved. */
  upstreamSeconds: number | undefined;
}

/** A file of at least this many bytes is truncated once it has been read to its end. */
const TRUNCATE_FROM = 256 * 1024;
const CHUNK = 64 * 1024;

/** Parses `200 0.012`, `503 2.001, 0.030`, `404 -`; undefined for any other line (one cut by a truncation). */
export function parseTiming(line: string): Timing | undefined {
  const [, status, times] = /^(\d{3}) (-|[\d., :-]+)$/.exec(line) ?? [];
  if (status === undefined || times === undefined) return undefined;
  const seconds = times.split(/[,:]/).flatMap((text) => (text.trim() === "-" ? [] : [Number(text)]));
  return { status, upstreamSeconds: seconds.length === 0 ? undefined : seconds.reduce((sum, one) => sum + one, 0) };
}

/**
 * The file in the shared volume to which nginx appends a short line for each request of the site. A file rather than a pipe, because
 * nginx never blocks on a file; it does on a pipe that nobody reads.
 * INVARIANTS: only the reader creates and truncates it, the latter when it has read everything; nginx only appends.
 */
export class TimingsFile {
  private offset: number | undefined;
  private rest = "";
  private reading: Promise<unknown> = Promise.resolve();

  constructor(readonly path: string) {}

  /** Creates the file when it is missing or this user cannot truncate it; nginx, which is in the folder's group, may append. */
  async ensure(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    const isOurs = found?.uid === process.getuid?.() && ((found?.mode ?? 0) & 0o060) === 0o060;
    if (isOurs) return;
    const fresh = `${this.path}.new`;
    await writeFile(fresh, "");
    await chmod(fresh, 0o664);
    await rename(fresh, this.path);
    this.offset = 0;
  }

  /**
   * Reads the lines appended since the last call; the first call skips what was there before. Calls run one at a time.
   * @throws Error when the file cannot be read: the requests completed meanwhile are unknown
   */
  read(take: (timing: Timing) => void): Promise<void> {
    const turn = this.reading.then(() => this.readOn(take));
    this.reading = turn.catch(() => undefined);
    return turn;
  }

  private async readOn(take: (timing: Timing) => void): Promise<void> {
    const file = await open(this.path, "r+");
    try {
      const { size } = await file.stat();
      this.offset ??= size;
      if (this.offset > size) this.offset = 0;
      await this.drain(file, take);
      // Lines appended between this check and the truncation are lost: a few microseconds' worth, every TRUNCATE_FROM bytes.
      if (this.offset >= TRUNCATE_FROM && (await file.stat()).size === this.offset) {
        await file.truncate(0);
        this.offset = 0;
      }
    } finally {
      await file.close();
    }
  }

  private async drain(file: FileHandle, take: (timing: Timing) => void): Promise<void> {
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, this.offset ?? 0);
      if (bytesRead === 0) return;
      this.offset = (this.offset ?? 0) + bytesRead;
      const lines = (this.rest + buffer.toString("latin1", 0, bytesRead)).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) {
        const timing = parseTiming(line);
        if (timing !== undefined) take(timing);
      }
    }
  }
}
