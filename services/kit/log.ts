/** What a log line carries besides its message. */
export type Fields = Record<string, unknown>;

/** Structured logging: one JSON object a line. */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** JSON lines on standard output, where Docker's log driver takes them. */
export function jsonLog(service: string, write = (line: string): unknown => process.stdout.write(line)): Log {
  const at =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      write(`${JSON.stringify({ time: new Date().toISOString(), level, service, message, ...fields })}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** An error's own words, and its cause's where it has one. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reason(error.cause)}`;
}
