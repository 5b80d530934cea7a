/** Runs a command in a running container, as `docker exec` does. */
import { PassThrough, type Duplex } from "node:stream";
import type Docker from "dockerode";
import { within } from "../../services/kit/within";

/** @returns what it wrote to its standard output @throws Error when it ends with another status than 0, or not in time */
export async function execIn(
  docker: Docker,
  containerId: string,
  command: string[],
  limitMs = 10_000,
): Promise<string> {
  let stream: Duplex | undefined;
  const run = async (): Promise<string> => {
    const exec = await docker.getContainer(containerId).exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
    stream = await exec.start({});
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, stdout, stderr);
    const end = () => [stdout, stderr].forEach((one) => one.end());
    stream.once("end", end).once("close", end).once("error", end);
    const [said, complained] = await Promise.all([textOf(stdout), textOf(stderr)]);
    const { ExitCode } = await exec.inspect();
    if (ExitCode === 0) return said;
    throw new Error(`${command.join(" ")} ended with ${ExitCode ?? "no exit status"}: ${complained.trim()}`);
  };
  try {
    return await within(limitMs, command.join(" "), run());
  } finally {
    stream?.destroy();
  }
}

async function textOf(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk as string;
  return text;
}
