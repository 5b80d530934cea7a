/**
 * The exit codes of the Pulumi CLI (pkg/cmd/pulumi/cmd/exit_codes.go); scripts rely on them.
 */
export const EXIT = {
  ok: 0,
  error: 1,
  /** Wrong flags or arguments, or a confirmation that nobody is there to give. */
  usage: 2,
  stackNotFound: 6,
  /** `--expect-no-changes`, and there were some. */
  noChangesExpected: 7,
  cancelled: 8,
  internal: 255,
} as const;

/** An error that is told to the user as it is, without a stack trace, and ends the command with `exitCode`. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.error,
  ) {
    super(message);
    this.name = "Failure";
  }
}

/** Ends the command without a further message: what went wrong has been shown already. */
export class AlreadyReported extends Failure {
  constructor(exitCode: number = EXIT.error) {
    super("", exitCode);
    this.name = "AlreadyReported";
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  const message = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : undefined;
  return typeof message === "string" ? message : String(error);
}

/** Whether a file operation failed with this code (`ENOENT`, `EEXIST`, …). */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && (error as { code?: unknown }).code === code;
}
