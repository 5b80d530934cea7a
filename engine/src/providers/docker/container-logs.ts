/** The output of a container's process. */
import type Docker from "dockerode";

const HEADER_BYTES = 8;

/**
 * Docker multiplexes stdout and stderr in frames of 8 bytes header (stream, 0, 0, 0, length) and payload; a terminal's output has no
 * frames. A frame that is cut short is kept as it is.
 */
export function demultiplex(data: Buffer, tty: boolean): string {
  if (tty) return data.toString("utf8");
  const parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= data.length) {
    const length = data.readUInt32BE(at + 4);
    parts.push(data.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length));
    at += HEADER_BYTES + length;
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The last lines, for an error message. Never fails: a message without logs is better than none. */
export async function lastLines(container: Docker.Container, tty: boolean, count = 20): Promise<string[]> {
  try {
    const data = await container.logs({ stdout: true, stderr: true, tail: count });
    const lines = demultiplex(Buffer.from(data), tty).split(/\r?\n/);
    return lines.filter((line) => line.trim() !== "").slice(-count);
  } catch {
    return [];
  }
}

/** Starts to collect everything that a container says until it ends; it must be called before the end when `rm` is set. */
export async function followLogs(container: Docker.Container, tty: boolean): Promise<() => Promise<string>> {
  const stream = await container.logs({ stdout: true, stderr: true, follow: true });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", resolve);
    stream.on("close", resolve);
    stream.on("error", reject);
  });
  return async () => {
    await ended;
    return demultiplex(Buffer.concat(chunks), tty);
  };
}
