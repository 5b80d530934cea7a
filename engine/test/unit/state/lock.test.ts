import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { StackLock, thisMachine, type Machine } from "../../../src/state/lock";

let folder: string;
let warnings: string[];
const warn = (message: string): void => void warnings.push(message);

const machine = (over: Partial<Machine> = {}): Machine => ({
  pid: 100,
  hostname: "here",
  username: "anna",
  now: () => new Date("2026-01-02T03:04:05Z"),
  bootedAt: () => new Date("2026-01-01T00:00:00Z"),
  isAlive: () => true,
  ...over,
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "lock-"));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const locks = async (): Promise<string[]> => readdir(folder);

test("a lock is a file in the CLI's form, and gone when released", async () => {
  const lock = new StackLock(folder, machine());
  await lock.acquire(warn);
  const [name = ""] = await locks();
  expect(name).toMatch(/^[0-9a-f-]{36}\.json$/);
  expect(JSON.parse(await readFile(path.join(folder, name), "utf8"))).toEqual({
    pid: 100,
    username: "anna",
    hostname: "here",
    timestamp: "2026-01-02T03:04:05.000Z",
  });
  await lock.release();
  expect(await locks()).toEqual([]);
});

test("a second run is told who holds the lock and how to remove it, and leaves it", async () => {
  await new StackLock(folder, machine({ pid: 7 })).acquire(warn);
  await expect(new StackLock(folder, machine()).acquire(warn)).rejects.toThrow(
    /locked by 1 lock\(s\).*`pulumi cancel`.*\n {2}file:\/\/.*created by anna@here \(pid 7\) at 2026-01-02T03:04:05/s,
  );
  expect(await locks()).toHaveLength(1);
});

test("a lock whose process is gone is taken over, with a warning", async () => {
  await new StackLock(folder, machine({ pid: 7 })).acquire(warn);
  await new StackLock(folder, machine({ isAlive: (pid) => pid !== 7 })).acquire(warn);
  expect(warnings).toEqual([expect.stringContaining("no process 7 runs on this host any more")]);
  expect(await locks()).toHaveLength(1);
});

test("a lock from before a restart is taken over, even if its number runs again", async () => {
  await new StackLock(folder, machine({ pid: 7 })).acquire(warn);
  await new StackLock(folder, machine({ bootedAt: () => new Date("2026-01-03T00:00:00Z") })).acquire(warn);
  expect(warnings).toEqual([expect.stringContaining("restarted")]);
});

test("a lock of another host is never taken over", async () => {
  await new StackLock(folder, machine({ pid: 7, hostname: "there" })).acquire(warn);
  await expect(new StackLock(folder, machine({ isAlive: () => false })).acquire(warn)).rejects.toThrow("anna@there");
});

test("a lock that cannot be read counts", async () => {
  await writeFile(path.join(folder, "x.json"), "{");
  await expect(new StackLock(folder, machine()).acquire(warn)).rejects.toThrow("created by an unknown process");
});

test("the CLI's attribute files are no locks", async () => {
  await writeFile(path.join(folder, "x.json.attrs"), "{}");
  await new StackLock(folder, machine()).acquire(warn);
});

test("cancel removes all", async () => {
  await writeFile(path.join(folder, "x.json"), "{}");
  await writeFile(path.join(folder, "x.json.attrs"), "{}");
  expect(await new StackLock(folder, machine()).cancel()).toBe(1);
  expect(await locks()).toEqual([]);
});

test("a process that has ended is not alive, not even while its parent has not noticed", async () => {
  // The shell becomes a sleep that never asks for its child.
  const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 600"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (text: Buffer) => resolve(Number(text))),
    );
    const end = Date.now() + 300_000;
    while (thisMachine.isAlive(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(thisMachine.isAlive(pid)).toBe(false);
    expect(thisMachine.isAlive(process.pid)).toBe(true);
  } finally {
    parent.kill();
  }
});
