/** The fields of a log line besides its message. */
export type Fields = Record<string, unknown>;

/** Structured logging: one JSON object a line. */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** Writes to standard output. When it is closed (EPIPE: its reader is gone) lines are lost, but the service keeps running. */
function stdoutWriter(): (line: string) => unknown {
  process.stdout.on("error", () => undefined);
  return (line) => process.stdout.write(line);
}

/** JSON lines on standard output, where Docker's log driver reads them. */
export function jsonLog(service: string, write = stdoutWriter()): Log {
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      write(`${JSON.stringify({ time: new Date().toISOString(), level, service, message, ...fields })}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** An error's message, followed by those of its causes. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reason(error.cause)}`;
}
