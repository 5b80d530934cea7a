import { chmod, open, rename, stat, writeFile, type FileHandle } from "node:fs/promises";

/** A request of the site that has ended, as nginx's log format `timing` tells it. */
export interface Timing {
  /** The answer's status, as the client got it. */
  status: string;
  /** How long replicas worked on it, all attempts together; undefined: none was asked. */
  upstreamSeconds: number | undefined;
}

/** From so many bytes on a file that has been read to its end is emptied. */
const EMPTY_FROM = 256 * 1024;
const CHUNK = 64 * 1024;

/** `200 0.012`, `503 2.001, 0.030`, `404 -`; a line that is none of these (cut by an emptying) tells nothing. */
export function parseTiming(line: string): Timing | undefined {
  const [, status, times] = /^(\d{3}) (-|[\d., :-]+)$/.exec(line) ?? [];
  if (status === undefined || times === undefined) return undefined;
  const seconds = times.split(/[,:]/).flatMap((text) => (text.trim() === "-" ? [] : [Number(text)]));
  return { status, upstreamSeconds: seconds.length === 0 ? undefined : seconds.reduce((sum, one) => sum + one, 0) };
}

/**
 * The file in the shared volume to which nginx appends a short line for each request of the site. A file, for it never makes
 * nginx wait: a pipe does when nobody reads it.
 * INVARIANTS: the reader makes it, and empties it when it has read all; nginx only appends.
 */
export class TimingsFile {
  private offset: number | undefined;
  private rest = "";
  private reading: Promise<unknown> = Promise.resolve();

  constructor(readonly path: string) {}

  /** Makes it where it is missing, or not ours to empty: nginx, which is of the folder's group, may append. */
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
   * What was appended since the last call; the first call skips what was there before. One at a time.
   * @throws Error when the file cannot be read: nothing is known of what ended meanwhile
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
      // What comes between this look and the emptying is lost: some microseconds of it, every EMPTY_FROM bytes.
      if (this.offset >= EMPTY_FROM && (await file.stat()).size === this.offset) {
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
