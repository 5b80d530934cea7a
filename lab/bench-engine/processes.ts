/** Commands that are run to their end, and what they take meanwhile. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { procField } from "../kit/proc";

export interface Taken {
  ms: number;
  /** The largest resident memory of the process itself. */
  peakMiB: number;
  /** What it wrote, to files and pipes. */
  writtenMiB: number;
}

/** @throws Error with the command's output when it fails */
export function timed(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Taken> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    let peakMiB = 0;
    let writtenMiB = 0;
    const sample = setInterval(() => {
      if (child.pid === undefined) return;
      peakMiB = Math.max(peakMiB, procField(child.pid, "status", "VmHWM") / 1024);
      writtenMiB = Math.max(writtenMiB, procField(child.pid, "io", "wchar") / 2 ** 20);
    }, 20);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    }
    child.once("error", (error) => {
      clearInterval(sample);
      reject(error);
    });
    child.once("close", (code) => {
      clearInterval(sample);
      if (code === 0) resolve({ ms: performance.now() - start, peakMiB, writtenMiB });
      else reject(new Error(`${command} ${args.join(" ")}:\n${said}`));
    });
  });
}

/** Runs something; the largest memory in MiB of all processes below this one meanwhile (PSS: what they share counts once). */
export async function peakOfTree(act: () => Promise<unknown>): Promise<number> {
  let peakMiB = 0;
  const sample = setInterval(() => {
    const kib = descendants(process.pid).reduce((sum, pid) => sum + procField(pid, "smaps_rollup", "Pss"), 0);
    peakMiB = Math.max(peakMiB, kib / 1024);
  }, 100);
  await act().finally(() => clearInterval(sample));
  return peakMiB;
}

function descendants(pid: number): number[] {
  const children = processes().filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid)]);
}

const processes = (): { pid: number; parent: number }[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: procField(Number(name), "status", "PPid") }));
