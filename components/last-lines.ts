import type Docker from "dockerode";

/** The last lines of a container's log, at most 15, each cut after 400 characters. Serialised with the dynamic providers that use it. */
export async function lastLines(container: Docker.Container, isTerminal: boolean): Promise<string[]> {
  const log = await container.logs({ stdout: true, stderr: true, follow: false, tail: 15 });
  let text = isTerminal ? log.toString("utf8") : "";
  // Without a terminal each piece has a header of 8 bytes, its length in the last 4.
  for (let at = 0; !isTerminal && at + 8 <= log.length; at += 8 + log.readUInt32BE(at + 4)) {
    text += log.toString("utf8", at + 8, at + 8 + log.readUInt32BE(at + 4));
  }
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.slice(0, 400));
}
