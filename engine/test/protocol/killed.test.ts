import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { buildEngine, readState, RealStack, removeEngine, type RealWish } from "../support/real-engine";

beforeAll(buildEngine);
afterAll(removeEngine);

const before: RealWish[] = [
  { name: "updated" },
  { name: "replaced" },
  { name: "first", deleteFirst: true },
  { name: "unwanted" },
];
const after: RealWish[] = [
  { name: "updated", size: 1 },
  { name: "replaced", kind: 1 },
  { name: "first", kind: 1, deleteFirst: true },
  { name: "created", needs: ["updated", "replaced"] },
];
const names = (wishes: readonly RealWish[]): string[] => wishes.map(({ name }) => name).sort();

/** Does the work for each, two at a time: a run is three processes. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

describe("a run that ends in the middle", () => {
  let deployed: RealStack;
  beforeAll(async () => {
    deployed = await RealStack.make();
    expect(await deployed.up(before)).toMatchObject({ code: 0 });
  });
  afterAll(() => deployed.dispose());

  /** A copy of the deployed stack, gone after the test. */
  async function withCopy(test: (stack: RealStack) => Promise<void>): Promise<void> {
    const stack = deployed.copy();
    try {
      await test(stack);
    } finally {
      stack.dispose();
    }
  }

  test("by SIGKILL, at each step's begin and end and between the steps: the next one finishes", async () => {
    let points: string[] = [];
    await withCopy(async (stack) => {
      expect(await stack.up(after)).toMatchObject({ code: 0 });
      ({ points } = stack);
    });
    expect(points).toEqual(
      expect.arrayContaining([
        ...["updated", "replaced", "first", "created"].map((name) => `registered ${name}`),
        ...["create replaced", "create first", "create created", "update updated"].map((step) => `before ${step}`),
        ...["delete replaced", "delete first", "delete unwanted"].map((step) => `after ${step}`),
        "all registered",
      ]),
    );
    await forEach(points, (point) =>
      withCopy(async (stack) => {
        const killed = await stack.up(after, `engine at ${point}`);
        expect({ point, signal: killed.signal }).toEqual({ point, signal: "SIGKILL" });
        const strays = stack.expectNothingLost();
        const open = readState(stack.stateFile).pending_operations ?? [];
        if (!point.startsWith("after delete")) expect(stack.world.length).toBeGreaterThanOrEqual(3);

        const { code, out, err } = await stack.up(after);
        expect({ point, code, out: code === 0 ? "" : out }).toEqual({ point, code: 0, out: "" });
        expect(err).toMatch(/took over the lock of .*: no process \d+ runs on this host any more/);
        for (const { type, resource } of open) expect(out).toContain(`${resource.urn}, interrupted while ${type}`);
        stack.expectNothingLost();
        // Nobody can tell what a dynamic resource's creation left, so it stays named until somebody says that it is dealt with.
        const left = readState(stack.stateFile).pending_operations ?? [];
        expect(left.map(({ type }) => type)).toEqual(open.flatMap(({ type }) => (type === "creating" ? [type] : [])));
        if (point.startsWith("after create")) expect(strays).toContain(point.split(" ").pop());
        expect(stack.world).toEqual([...names(after), ...strays].sort());
        if (point !== "after create created") return;
        expect(await stack.run(["refresh", "-y", "--clear-pending-creates"])).toMatchObject({ code: 0 });
        expect(readState(stack.stateFile).pending_operations).toBeUndefined();
      }),
    );
  });

  test.each(["before update updated", "after update updated", "after create created", "before delete unwanted"])(
    "by a provider that is killed %s: told, and nothing is lost",
    (point) =>
      withCopy(async (stack) => {
        const { code, out } = await stack.up(after, `provider at ${point}`);
        expect(code).toBe(1);
        expect(out).toContain("the provider ended during the call");
        stack.expectNothingLost();
        const [operation] = readState(stack.stateFile).pending_operations ?? [];
        expect(operation?.resource.urn).toContain(point.split(" ").pop());
        expect(await stack.up(after)).toMatchObject({ code: 0 });
        stack.expectNothingLost();
      }),
  );

  test("by the program: nothing is deleted", () =>
    withCopy(async (stack) => {
      writeFileSync(join(stack.folder, "broken"), "");
      const { code, out } = await stack.up(after);
      expect(code).toBe(1);
      expect(out).toContain("exit code 3");
      expect(stack.points.filter((point) => point.startsWith("before delete"))).toEqual(["before delete first"]);
      expect(stack.world).toContain("unwanted");
      rmSync(join(stack.folder, "broken"));
      expect(await stack.up(after)).toMatchObject({ code: 0 });
      expect(stack.world).toEqual(names(after));
    }));

  test("by a full disk: told, what was made is known, and the next one finishes", () =>
    withCopy(async (stack) => {
      const big = [0, 1, 2, 3].map((i) => ({ name: `big${i}`, bulk: 20_000, needs: i > 0 ? [`big${i - 1}`] : [] }));
      stack.wish([...before, ...big]);
      // No file may grow beyond 70 kB, in blocks of 512 bytes: what a full disk is to the state, without a disk of its own.
      const { code, out, err } = await stack.run(["up", "-y"], "ulimit -f 140;");
      expect(code).toBe(1);
      expect(out + err).toMatch(/could not write .*dev\.json: .*too large/);
      stack.expectNothingLost();
      expect(stack.world.length).toBeLessThan(8);
      expect(await stack.up([...before, ...big])).toMatchObject({ code: 0 });
      stack.expectNothingLost();
    }));

  test("by a state that cannot be written: refused before anything is done", () =>
    withCopy(async (stack) => {
      stack.wish(after);
      const locked = await stack.run(["up", "-y"], "ulimit -f 0;");
      expect(locked.code).toBe(1);
      expect(locked.err).toMatch(/^error: the stack cannot be locked: could not write .*EFBIG/m);

      // A folder in the way stops root too, whom no permission stops.
      const backup = `${stack.stateFile}.bak`;
      rmSync(backup);
      mkdirSync(join(backup, "in-the-way"), { recursive: true });
      const unsaved = await stack.up(after);
      expect(unsaved.code).toBe(1);
      expect(unsaved.out).toMatch(/could not back up .*dev\.json/);
      expect(stack.points.filter((point) => / (create|update|delete) /.test(point))).toEqual([]);
      expect(stack.world).toEqual(names(before));
      rmSync(backup, { recursive: true });
      expect(await stack.up(after)).toMatchObject({ code: 0 });
    }));

  test("while another one is at work: it is told whose lock that is, and `cancel` removes it", () =>
    withCopy(async (stack) => {
      const folder = join(stack.folder, ".state/.pulumi/locks/organization/proj/dev");
      mkdirSync(folder, { recursive: true });
      const lock = (host: string, pid: number): void => {
        const owner = { pid, username: "anna", hostname: host, timestamp: new Date().toISOString() };
        writeFileSync(join(folder, "a.json"), JSON.stringify(owner));
      };
      lock(hostname(), process.pid);
      const refused = await stack.up(after);
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(
        new RegExp(
          `locked by 1 lock\\(s\\).*\`pulumi cancel\`.*created by anna@${hostname()} \\(pid ${process.pid}\\) at 20`,
          "s",
        ),
      );
      lock("elsewhere", 1);
      expect(await stack.run(["refresh", "-y"])).toMatchObject({ code: 1 });
      expect(await stack.run(["cancel", "-y"])).toMatchObject({ code: 0 });
      expect(await stack.run(["refresh", "-y"])).toMatchObject({ code: 0 });
    }));
});

test("a stack whose state is gone but for its backup is brought back by it", async () => {
  const stack = await RealStack.make();
  try {
    expect(await stack.up([{ name: "one" }])).toMatchObject({ code: 0 });
    renameSync(`${stack.stateFile}.bak`, stack.stateFile);
    expect(await stack.up([{ name: "one" }])).toMatchObject({ code: 0 });
    stack.expectNothingLost();
  } finally {
    stack.dispose();
  }
});
