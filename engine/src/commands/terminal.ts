import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import type { Terminal } from "./context";

/** The real terminal: this process's standard streams. */
export function processTerminal(options: { nonInteractive: boolean; color: string | undefined }): Terminal {
  const { stdin, stdout, stderr } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  // Somebody who left (`| head`) is no reason for a stack trace.
  for (const stream of [stdout, stderr]) stream.on("error", () => process.exit(1));
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readInput: async () => (stdin.isTTY ? undefined : readAll()),
    ask,
    interactive: isTerminal && !options.nonInteractive && !inPipeline(),
    screen: {
      write: (text) => void stdout.write(text),
      size:
        stdout.isTTY && process.env.TERM !== "dumb"
          ? () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 })
          : undefined,
      colour: wantsColour(options.color, stdout.isTTY),
    },
  };
}

function wantsColour(choice: string | undefined, isTerminal: boolean): boolean {
  if (choice === "always") return true;
  if (choice === "never" || choice === "raw") return false;
  return isTerminal && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks for a line; a hidden answer is not echoed. */
async function ask(question: string, hidden = false): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stdout.write(question);
  const lines = createInterface({ input: process.stdin, output: hidden ? silent : undefined, terminal: hidden });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    if (hidden) process.stdout.write("\n");
  }
}

function inPipeline(): boolean {
  return isTrue(process.env.CI) && !isTrue(process.env.PULUMI_DISABLE_CI_DETECTION);
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
