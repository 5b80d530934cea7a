/** Two engines at once, as users have them: processes of their own over one stack, and a world of files that shows what each of them did. */
import { readFileSync } from "node:fs";
import { buildEngine, RealStack, removeEngine, type Outcome, type RealWish } from "../support/real-engine";
import { until } from "../../../lab/driver/until";

beforeAll(buildEngine);
afterAll(removeEngine);

const before: RealWish[] = [{ name: "updated" }, { name: "unwanted" }];
const after: RealWish[] = [
  { name: "updated", size: 1 },
  { name: "created", needs: ["updated"] },
];
/** In the middle: something is done, and something is not. */
const MIDDLE = "before create created";

let stack: RealStack;
beforeEach(async () => {
  stack = await RealStack.make();
  expect(await stack.up(before)).toMatchObject({ code: 0 });
});
afterEach(() => stack.dispose());

async function reached(point: string): Promise<void> {
  await until(point, () => Promise.resolve(stack.points.includes(point)), { pauseMs: 20 });
}

function expectRefused({ code, err }: Outcome): void {
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/locked by 1 lock\(s\)/) as string });
}

/** Two begin at the same moment; the one that has the stack does not end before the other one has. */
async function oneOfTwo(): Promise<Outcome> {
  const runs = [stack.begin(["up", "-y"]), stack.begin(["up", "-y"])];
  const [winner, loser] = await Promise.race(runs.map(async ({ outcome }, i) => [runs[1 - i], await outcome] as const));
  if (winner === undefined) throw new Error("there are two");
  expectRefused(loser);
  await reached(MIDDLE);
  stack.go();
  return winner.outcome;
}

/** All that was wanted is there, and was made once. */
function expectDone(): void {
  expect(stack.world).toEqual(["created", "updated"]);
  expect(stack.points.filter((point) => point === MIDDLE)).toEqual([MIDDLE]);
  expect(stack.expectNothingLost()).toEqual([]);
}

test("of two that begin at the same moment one goes on, and the other changes nothing", async () => {
  stack.prepare(after, `wait at ${MIDDLE}`);
  expect(await oneOfTwo()).toMatchObject({ code: 0 });
  await stack.ended();
  expectDone();
});

test("of two that begin after one was killed, one takes its lock over and finishes", async () => {
  expect(await stack.up(after, `engine at ${MIDDLE}`)).toMatchObject({ signal: "SIGKILL" });
  stack.prepare(after, `wait at ${MIDDLE}`);
  const { code, err } = await oneOfTwo();
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining("took over the lock of") as string });
  await stack.ended();
  expectDone();
});

test("beside one that stands still nothing goes on; once it is killed, the next one does", async () => {
  stack.prepare(after, `wait at ${MIDDLE}`);
  const standing = stack.begin(["up", "-y"]);
  await reached(MIDDLE);
  process.kill(standing.pid, "SIGSTOP");
  try {
    const state = readFileSync(stack.stateFile, "utf8");
    for (const words of [
      ["up", "-y"],
      ["destroy", "-y"],
    ])
      expectRefused(await stack.begin(words).outcome);
    expect(readFileSync(stack.stateFile, "utf8")).toBe(state);
    expect(stack.world).toEqual(["unwanted", "updated"]);
  } finally {
    process.kill(standing.pid, "SIGKILL");
  }
  expect(await standing.outcome).toMatchObject({ signal: "SIGKILL" });
  await stack.ended();
  expect(await stack.up(after)).toMatchObject({
    code: 0,
    err: expect.stringContaining("took over the lock") as string,
  });
  expectDone();
});
