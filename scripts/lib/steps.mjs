// The set-up's display: one line a step, with its elapsed time. On a terminal the steps under way are shown live; elsewhere
// a long step says every half minute that it is still at work.
import { clearInterval, setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";

const live = process.stdout.isTTY && !process.env.CI;
const under = new Map();

const seconds = (ms) => {
  const s = ms / 1000;
  return s < 60 ? `${s.toFixed(1)}s` : `${Math.floor(s / 60)}m${String(Math.floor(s % 60)).padStart(2, "0")}s`;
};

const line = (mark, ms, title, detail) =>
  `${mark.padEnd(6)} ${seconds(ms).padStart(6)}  ${title}${detail ? ` (${detail})` : ""}`;

function clearLive() {
  if (live) process.stdout.write("\r\x1b[K");
}

function drawLive() {
  if (!live || under.size === 0) return;
  const now = performance.now();
  const parts = [...under].map(
    ([title, { begin, detail }]) => `${seconds(now - begin)} ${title}${detail ? ` (${detail})` : ""}`,
  );
  process.stdout.write(`\r\x1b[K[..]   ${parts.join(" | ").slice(0, (process.stdout.columns || 80) - 9)}`);
}

/** Prints a finished step's line. */
export function report(mark, ms, title, detail) {
  clearLive();
  console.log(line(mark, ms, title, detail));
  drawLive();
}

/**
 * Runs one named step. `work` gets a function that says what it is at; what it returns is the detail of the [ok] line.
 * A failure prints the [fail] line and goes on to the caller.
 */
export async function step(title, work) {
  const entry = { begin: performance.now(), detail: "" };
  under.set(title, entry);
  drawLive();
  const timer = setInterval(
    () => (live ? drawLive() : console.log(line("[..]", performance.now() - entry.begin, title, entry.detail))),
    live ? 500 : 30_000,
  );
  const done = (mark, detail) => {
    clearInterval(timer);
    under.delete(title);
    report(mark, performance.now() - entry.begin, title, detail);
  };
  try {
    const detail = await work((text) => {
      entry.detail = text;
      drawLive();
    });
    done("[ok]", detail);
  } catch (error) {
    done("[fail]");
    throw error;
  }
}

/** Waits until `probe` answers something true; undefined after the limit. */
export async function waitFor(probe, { limitMs, everyMs = 250 }) {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await probe();
    if (answer || performance.now() > end) return answer || undefined;
    await sleep(everyMs);
  }
}

/** Prints an error as its message alone (these are for the user, not for us) and sets the exit status. */
export function fail(error) {
  clearLive();
  console.error(`\n${process.env.DEBUG ? error.stack : error.message}`);
  process.exitCode = 1;
}
