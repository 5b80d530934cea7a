/**
 * Which process a number means. A number says something only within one start of a machine and one PID namespace, and for one process
 * only together with when that process began: containers, cloned machines and shared disks all have the same small numbers.
 */
import { readFileSync, readlinkSync } from "node:fs";

/** All of it is needed to say of a process that it is gone. */
export interface ProcessIdentity {
  /** Of this start of the kernel. */
  readonly bootId: string;
  /** The PID namespace, and the time namespace that `startTime` counts in. */
  readonly namespaces: string;
  /** In ticks since the boot. */
  readonly startTime: string;
}

/** @param pid a process of this namespace. @returns undefined where nobody can tell (no Linux, or a /proc of another namespace). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    // The /proc of another namespace has other processes under the same numbers.
    if (readlinkSync("/proc/self") !== String(process.pid)) return undefined;
    const startTime = statOf(pid)?.startTime;
    if (startTime === undefined) return undefined;
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { bootId, namespaces: `${readlinkSync("/proc/self/ns/pid")} ${timeNamespace()}`, startTime };
  } catch {
    return undefined;
  }
}

function timeNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/time");
  } catch {
    // Kernels before 5.6 have one only.
    return "time:[]";
  }
}

/**
 * When the process that has this number now began; "gone" when none has it, or one that has ended and only waits for its parent to notice;
 * undefined where nobody can tell.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return "gone";
    // EPERM: somebody else's, and alive.
  }
  const stat = statOf(pid);
  return stat?.state === "Z" || stat?.state === "X" ? "gone" : stat?.startTime;
}

function statOf(pid: number): { state: string; startTime: string } | undefined {
  try {
    // "pid (name) state …", and the name may hold anything; the start time is field 22.
    const [state = "", ...rest] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const startTime = rest[18];
    return startTime === undefined || !/^\d+$/.test(startTime) ? undefined : { state, startTime };
  } catch {
    return undefined;
  }
}
