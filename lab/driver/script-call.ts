/** Calls exports of scripts/lib's modules in a Node of their own: they are ES modules, and what calls them is CommonJS. */
import { spawn } from "node:child_process";
import * as path from "node:path";
import type { Readable } from "node:stream";

const root = path.resolve(__dirname, "../..");

export interface Called {
  /** What it returned. */
  value?: unknown;
  /** The message of what it threw. */
  error?: string;
  /** What it printed, on stdout and stderr. */
  output: string;
}

/**
 * @param module a file of scripts/lib, e.g. "proxy.mjs"
 * @param args as JSON has them
 * @throws Error when the module cannot be run at all
 */
export async function callScript(
  module: string,
  name: string,
  args: readonly unknown[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Called> {
  const file = path.join(root, "scripts/lib", module);
  const caller = path.join(root, "lab/driver/call-script.mjs");
  const child = spawn(process.execPath, [caller, file, name, JSON.stringify(args)], {
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const said = { output: "", answer: "" };
  const keep = (stream: unknown, as: keyof typeof said) =>
    (stream as Readable).setEncoding("utf8").on("data", (text: string) => (said[as] += text));
  keep(child.stdout, "output");
  keep(child.stderr, "output");
  keep(child.stdio[3], "answer");
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  if (said.answer === "") throw new Error(`${module} ended with ${code ?? "a signal"}:\n${said.output}`);
  return { ...(JSON.parse(said.answer) as Omit<Called, "output">), output: said.output };
}
