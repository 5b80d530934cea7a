// Signals for a child that shares our process group: each reaches it once, however it reached us.
import { readFileSync } from "node:fs";

/** npm repeats to us what the terminal sent to the whole group, and so may whoever started us: what comes so soon after is the same. */
const SAME_MS = 300;

/**
 * Passes signals on to the child. Ctrl-C on a terminal goes to the terminal's whole foreground group, so the child has it already, and
 * is not told again; any other signal is for us alone. Returns a function that ends it.
 */
export function forwardSignals(child) {
  let lastMs = -Infinity;
  const forward = (signal) => {
    if (signal === "SIGINT" && isOfTerminal()) return;
    if (performance.now() - lastMs < SAME_MS) return;
    lastMs = performance.now();
    child.kill(signal);
  };
  const names = ["SIGINT", "SIGTERM", "SIGHUP"];
  names.forEach((name) => process.on(name, forward));
  return () => names.forEach((name) => process.off(name, forward));
}

/** Whether a SIGINT is the terminal's: somebody sits at one, and our group is in its foreground. */
const isOfTerminal = () =>
  [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY) && isInForeground();

/** Whether our group is the one that our terminal sends its signals to. */
function isInForeground() {
  try {
    // "pid (name) state ppid pgrp session tty_nr tpgid …": the name may hold anything
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    // no Linux: a group that is in the foreground mostly has the terminal as its input
    return process.stdin.isTTY === true;
  }
}
