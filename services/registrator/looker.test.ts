import { until } from "../../lab/driver/until";
import { container } from "../test/fakes";
import { Looker } from "./looker";
import type { ContainerView } from "./model";

interface Ask {
  answer(view: ContainerView | undefined): void;
  fail(): void;
}

function setUp() {
  const asks: Ask[] = [];
  const published: (ContainerView | undefined)[] = [];
  const failures: unknown[] = [];
  const looker = new Looker(
    () => new Promise((answer, reject) => asks.push({ answer, fail: () => reject(new Error("500")) })),
    (_id, view) => published.push(view),
    (_id, error) => failures.push(error),
    new AbortController().signal,
  );
  return { asks, published, failures, looker };
}

test("an answer to a question asked before the newest mark is not believed", async () => {
  const { asks, published, looker } = setUp();
  const done = looker.look("a");
  void looker.look("a");
  void looker.look("a");
  asks[0]?.answer(container());
  await until("asked again", () => asks.length === 2);
  asks[1]?.answer(container({ running: false }));
  await done;
  expect(published).toEqual([container({ running: false })]);
  expect(asks).toHaveLength(2);
});

test("a question that failed says nothing of the container, and is asked again", async () => {
  const { asks, published, failures, looker } = setUp();
  const done = looker.look("a");
  asks[0]?.fail();
  await until("asked again", () => asks.length === 2);
  expect([published, failures.length]).toEqual([[], 1]);
  asks[1]?.answer(undefined);
  await done;
  expect(published).toEqual([undefined]);
});
