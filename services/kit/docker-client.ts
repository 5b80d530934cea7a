import Docker from "dockerode";

/** The part of dockerode's transport that is wrapped below. */
interface Modem {
  dial(
    options: { method: string; path: string; abortSignal?: AbortSignal },
    callback: (error: unknown, answer?: unknown) => void,
  ): void;
}

/**
 * A Docker client with a timeout on every request. Event streams need a client without one (0).
 * @param socketPath @default DOCKER_HOST, else /var/run/docker.sock
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
 * dockerode's own timeout only limits silence, and a response that breaks off after its headers never settles. This one limits the
 * whole response; for a stream, the time to its beginning.
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
      done(new Error(`docker: no complete response to ${options.method} ${path} within ${limitMs} ms`));
      limit.abort();
    }, limitMs);
    dial({ ...options, abortSignal: options.abortSignal ?? limit.signal }, done);
  };
}

const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** Whether Docker answered "no such container". */
export const isGone = (error: unknown): boolean => statusOf(error) === 404;

/** Whether the container does not exist or is not running. */
export const isNotRunning = (error: unknown): boolean => isGone(error) || statusOf(error) === 409;
