import Docker from "dockerode";

/** What dockerode's transport is told to do; it answers by the callback. */
interface Modem {
  dial(
    options: { method: string; path: string; abortSignal?: AbortSignal },
    callback: (error: unknown, answer?: unknown) => void,
  ): void;
}

/**
 * A Docker client with a time limit on every request. Not for event streams: give those no limit (0).
 * @param socketPath @default where DOCKER_HOST says, else /var/run/docker.sock
 */
export function dockerClient(socketPath?: string, timeoutMs = 10_000): Docker {
  const docker = new Docker({
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}),
  });
  if (timeoutMs > 0) limitAnswers(docker.modem, timeoutMs);
  return docker;
}

/**
 * dockerode's own limit is one on silence, and an answer that breaks off after its headers never settles at all. This one is on the
 * whole answer; of a stream, on its beginning.
 */
function limitAnswers(modem: Modem, limitMs: number): void {
  const dial = modem.dial.bind(modem);
  modem.dial = (options, callback) => {
    const limit = new AbortController();
    let isDone = false;
    const done = (error: unknown, answer?: unknown) => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      callback(error, answer);
    };
    const timer = setTimeout(() => {
      const path = options.path.replace(/\?.*/, "");
      done(new Error(`docker: no whole answer to ${options.method} ${path} within ${limitMs} ms`));
      limit.abort();
    }, limitMs);
    dial({ ...options, abortSignal: options.abortSignal ?? limit.signal }, done);
  };
}

const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** Whether Docker's answer was "no such container". */
export const isGone = (error: unknown): boolean => statusOf(error) === 404;

/** The same, or that it has ended. */
export const isNotRunning = (error: unknown): boolean => isGone(error) || statusOf(error) === 409;
