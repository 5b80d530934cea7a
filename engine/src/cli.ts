import { processTerminal } from "./commands/terminal";
import { run, understand } from "./commands/run";
import { AlreadyReported, EXIT, Failure } from "./failure";

/** The command line of the embedded engine: Pulumi's grammar. */
async function main(words: readonly string[]): Promise<number> {
  try {
    const invocation = understand(words);
    const { flags } = invocation.line;
    const terminal = processTerminal({ nonInteractive: flags.is("non-interactive"), color: flags.text("color") });
    return await run(invocation, terminal);
  } catch (error) {
    return report(error);
  }
}

/** Says what went wrong, once, in a form that fits who can act on it. */
function report(error: unknown): number {
  if (error instanceof AlreadyReported) return error.exitCode;
  const paint = process.stderr.isTTY && process.env.NO_COLOR === undefined;
  const label = paint ? "\u001b[1;31merror:\u001b[0m" : "error:";
  if (error instanceof Failure) {
    process.stderr.write(`${label} ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${label} the engine failed in a way that it should not: ${text}\n`);
  return EXIT.internal;
}

/** Resolves when what was written has left this process: into a pipe, at its reader's pace. One who has gone away wants no more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  });
}

// What a provider or the gRPC server may still hold open must not keep the command from ending; what it said must have arrived.
void main(process.argv.slice(2)).then(async (code) => {
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
});
