// Child processes: one that is waited for with its output kept, and the tail of a log.
import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";

/**
 * Runs a command and resolves with { code, signal, stdout, stderr, timedOut }; it rejects only when the command cannot be
 * started (error.code is "ENOENT" when there is no such program).
 * Options: cwd, env (added to ours), log (a file that gets the output too), timeoutMs, quietMs (the longest time without any output),
 * onStart(child), onLine(line).
 */
export function run(command, args, { cwd, env, log, timeoutMs, quietMs, onStart, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    onStart?.(child);
    const file = log && createWriteStream(log, { flags: "a" });
    const output = { stdout: "", stderr: "" };
    let timedOut = false;
    const stop = () => ((timedOut = true), child.kill("SIGTERM"));
    const timer = timeoutMs && setTimeout(stop, timeoutMs);
    const quiet = quietMs && setTimeout(stop, quietMs);
    const clear = () => [timer, quiet].forEach((one) => one && clearTimeout(one));
    for (const name of ["stdout", "stderr"]) {
      let rest = "";
      child[name].setEncoding("utf8").on("data", (text) => {
        // Long builds go to their log; of what is kept in memory only the end is of interest.
        output[name] = (output[name] + text).slice(-4_000_000);
        file?.write(text);
        quiet?.refresh();
        if (!onLine) return;
        const lines = (rest + text).split(/\r?\n|\r/);
        rest = lines.pop();
        lines.forEach((line) => onLine(line));
      });
    }
    child.on("error", (error) => {
      clear();
      reject(error);
    });
    // A daemon that the command leaves behind may hold our pipes for ever: its end counts, with a moment for the last output.
    child.on("exit", () => {
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), 2_000).unref();
    });
    child.on("close", (code, signal) => {
      clear();
      file?.end();
      resolve({ code: code ?? 1, signal, timedOut, ...output });
    });
  });
}

/** Like run, but an exit status other than 0 is an error that carries the end of the output. */
export async function must(command, args, options = {}) {
  const result = await run(command, args, options).catch((error) => {
    throw error.code === "ENOENT" ? new Error(`${command}: not found on PATH`) : error;
  });
  if (result.code === 0) return result;
  const why = result.timedOut ? `no end after ${options.timeoutMs / 1000} s` : `exit status ${result.code}`;
  const said = options.log ? tail(options.log) : lastLines(`${result.stdout}\n${result.stderr}`);
  throw new Error(
    `${command} ${args.slice(0, 3).join(" ")}: ${why}\n${said}${options.log ? `\n(all of it: ${options.log})` : ""}`,
  );
}

/** True when the command starts and exits with 0. */
export const succeeds = (command, args, options) =>
  run(command, args, options).then(
    ({ code }) => code === 0,
    () => false,
  );

/** The last lines of a log file. */
export function tail(path, lines = 20) {
  try {
    return lastLines(readFileSync(path, "utf8"), lines);
  } catch {
    return "";
  }
}

const lastLines = (text, lines = 20) =>
  text
    .trim()
    .split("\n")
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join("\n");
