import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import fc from "fast-check";
import { StackLock, thisMachine, type Machine } from "../../../src/state/lock";
import type { ProcessIdentity } from "../../../src/state/process-identity";

let folder: string;
let warnings: string[];
const warn = (message: string): void => void warnings.push(message);

const identity = { bootId: "b1", namespaces: "pid:[1] time:[1]", startTime: "55" };
const machine = (over: Partial<Machine> = {}): Machine => ({
  pid: 100,
  hostname: "here",
  username: "anna",
  now: () => new Date("2026-01-02T03:04:05Z"),
  identityOf: () => identity,
  startTimeOf: () => identity.startTime,
  pause: async (milliseconds) => {
    for (let turn = 0; turn < milliseconds; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  },
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
    process: identity,
  });
  await lock.release();
  expect(await locks()).toEqual([]);
});

test("of runs that begin at the same moment one gets it, and the others are refused", async () => {
  for (let i = 0; i < 20; i += 1) {
    const contenders = [1, 2, 3].map(
      (pid) => new StackLock(folder, machine({ pid, pause: (milliseconds) => thisMachine.pause(milliseconds) })),
    );
    const results = await Promise.allSettled(contenders.map((lock) => lock.acquire(warn)));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await locks()).toHaveLength(1);
    await contenders[results.findIndex(({ status }) => status === "fulfilled")]?.release();
  }
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
  await new StackLock(folder, machine({ startTimeOf: (pid) => (pid === 7 ? "gone" : "55") })).acquire(warn);
  expect(warnings).toEqual([expect.stringContaining("no process 7 runs on this host any more")]);
  expect(await locks()).toHaveLength(1);
});

test("a lock whose number another process has now is taken over", async () => {
  await new StackLock(folder, machine({ pid: 7 })).acquire(warn);
  await new StackLock(folder, machine({ startTimeOf: () => "99" })).acquire(warn);
  expect(warnings).toEqual([expect.stringContaining("another one has the number now")]);
});

/** Nobody here has the number of the process that made it, or another one has: that says nothing. */
test.each<[what: string, made: Partial<Machine>, hint: string]>([
  ["of another host", { hostname: "there" }, "anna@there"],
  [
    "of another PID namespace, as of a container on the host's network",
    { identityOf: () => ({ ...identity, namespaces: "pid:[2] time:[1]" }) },
    "in another container of this host",
  ],
  [
    "of another start of a machine of this name",
    { identityOf: () => ({ ...identity, bootId: "b2" }) },
    "by another machine of this name",
  ],
  ["of a process that could not be told from another", { identityOf: () => undefined }, "anna@here"],
])("a lock %s is never taken over", async (_what, made, hint) => {
  for (const startTime of ["gone", "99"]) {
    await new StackLock(folder, machine({ pid: 7, ...made })).acquire(warn);
    const taking = new StackLock(folder, machine({ startTimeOf: () => startTime })).acquire(warn);
    await expect(taking).rejects.toThrow(hint);
    expect(warnings).toEqual([]);
    await new StackLock(folder, machine()).cancel();
  }
});

test("nothing is taken over where this process cannot be told from others, or the other's start cannot be seen", async () => {
  await new StackLock(folder, machine({ pid: 7 })).acquire(warn);
  for (const over of [{ identityOf: () => undefined }, { startTimeOf: () => undefined }]) {
    await expect(new StackLock(folder, machine({ startTimeOf: () => "gone", ...over })).acquire(warn)).rejects.toThrow(
      "pid 7",
    );
  }
});

test.each([undefined, {}, { bootId: "b1" }, { ...identity, startTime: "" }, "x"])(
  "the CLI's own lock, or one that does not say whose it is (%j), is never taken over",
  async (process) => {
    const owner = { pid: 7, username: "anna", hostname: "here", timestamp: "2020-01-01T00:00:00Z", process };
    await writeFile(path.join(folder, "x.json"), JSON.stringify(owner));
    await expect(new StackLock(folder, machine({ startTimeOf: () => "gone" })).acquire(warn)).rejects.toThrow("pid 7");
    expect(await locks()).toEqual(["x.json"]);
  },
);

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
    while (thisMachine.startTimeOf(pid) !== "gone" && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(thisMachine.startTimeOf(pid)).toBe("gone");
    expect(thisMachine.startTimeOf(process.pid)).toBe(thisMachine.identityOf(process.pid)?.startTime);
  } finally {
    parent.kill();
  }
});

test("a process is known by the start of the machine, its namespaces and its own beginning", async () => {
  const own = thisMachine.identityOf(process.pid);
  expect(own).toEqual({
    bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    namespaces: expect.stringMatching(/^pid:\[\d+\] time:\[\d*\]$/) as string,
    startTime: expect.stringMatching(/^\d+$/) as string,
  });
  const child = spawn("sleep", ["30"], { stdio: "ignore" });
  try {
    await new Promise((resolve) => child.once("spawn", resolve));
    const other = thisMachine.identityOf(child.pid ?? 0);
    expect(other).toMatchObject({ bootId: own?.bootId, namespaces: own?.namespaces });
    expect(other?.startTime).not.toBe(own?.startTime);
  } finally {
    child.kill();
  }
});

test("of runs that begin at once, in any namespace and with whatever numbers, never two go on; what dies is taken over by its own alone", async () => {
  const process = fc.record({ namespace: fc.nat(1), pid: fc.integer({ min: 1, max: 2 }) });
  const round = fc.record({
    begin: fc.array(process, { minLength: 1, maxLength: 4 }),
    ends: fc.constantFrom("dies", "ends"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 5 }), async (rounds) => {
      await rm(folder, { recursive: true, force: true });
      /** The start time of what runs now, by namespace and number. */
      const alive = new Map<string, string>();
      let clock = 0;
      let holder: { key: string; namespace: number; lock: StackLock } | undefined;
      for (const { begin, ends } of rounds) {
        // A number runs once at a time.
        const fresh = new Map(begin.map((each) => [`${each.namespace} ${each.pid}`, each]));
        const starting = [...fresh].filter(([key]) => holder?.key !== key || !alive.has(key));
        for (const [key] of starting) alive.set(key, String(++clock));
        const attempts = starting.map(async ([key, { namespace, pid }]) => {
          const identityOf = (): ProcessIdentity => {
            return { bootId: "b", namespaces: `n${namespace}`, startTime: alive.get(key) ?? "" };
          };
          const startTimeOf = (of: number): string => alive.get(`${namespace} ${of}`) ?? "gone";
          const lock = new StackLock(folder, machine({ pid, identityOf, startTimeOf }));
          const got = await lock.acquire(warn).then(
            () => true,
            () => false,
          );
          if (!got) alive.delete(key);
          return got ? [{ key, namespace, lock }] : [];
        });
        const winners = (await Promise.all(attempts)).flat();
        const lives = holder !== undefined && alive.has(holder.key) && winners.every(({ key }) => key !== holder?.key);
        expect(winners.length + (lives ? 1 : 0)).toBeLessThanOrEqual(1);
        const [winner] = winners;
        // Only from its own namespace can anybody see that the dead one is dead; of two that do at once both may give up.
        const seen = starting.some(([, { namespace }]) => namespace === holder?.namespace);
        if (holder !== undefined && !seen) expect(winners).toEqual([]);
        if (seen && !lives) holder = undefined;
        holder = winner ?? holder;
        if (holder === undefined || !alive.has(holder.key)) continue;
        alive.delete(holder.key);
        if (ends === "dies") continue;
        await holder.lock.release();
        holder = undefined;
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);
