import Docker from "dockerode";

/** A Docker client with a time limit on every request. Not for event streams: give those no limit (0). */
export const dockerClient = (socketPath: string, timeoutMs = 10_000): Docker =>
  new Docker({ socketPath, ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}) });

const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : undefined;

/** Whether Docker's answer was "no such container". */
export const isGone = (error: unknown): boolean => statusOf(error) === 404;

/** The same, or that it has ended. */
export const isNotRunning = (error: unknown): boolean => isGone(error) || statusOf(error) === 409;
