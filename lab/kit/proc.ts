import { readFileSync } from "node:fs";

/** A number of /proc/PID/FILE, as the kernel writes it there; 0 when the process has ended or the system has no /proc. */
export function procField(pid: number, file: "status" | "io" | "smaps_rollup", name: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
