import { until } from "../../lab/driver/until";
import { container } from "../test/fakes";
import { Inspector } from "./inspector";
import type { ContainerView } from "./model";

interface Ask {
  answer(view: ContainerView | undefined): void;
  fail(): void;
}

function setUp() {
  const asks: Ask[] = [];
  const published: (ContainerView | undefined)[] = [];
  const failures: unknown[] = [];
  const inspector = new Inspector(
    () => new Promise((answer, reject) => asks.push({ answer, fail: () => reject(new Error("500")) })),
    (_id, view) => published.push(view),
    (_id, error) => failures.push(error),
    new AbortController().signal,
  );
  return { asks, published, failures, inspector };
}

test("the result of an inspection that began before the newest request is discarded", async () => {
  const { asks, published, inspector } = setUp();
  const done = inspector.refresh("a");
  void inspector.refresh("a");
  void inspector.refresh("a");
  asks[0]?.answer(container());
  await until("asked again", () => asks.length === 2);
  asks[1]?.answer(container({ running: false }));
  await done;
  expect(published).toEqual([container({ running: false })]);
  expect(asks).toHaveLength(2);
});

test("a failed inspection publishes nothing and is retried", async () => {
  const { asks, published, failures, inspector } = setUp();
  const done = inspector.refresh("a");
  asks[0]?.fail();
  await until("asked again", () => asks.length === 2);
  expect([published, failures.length]).toEqual([[], 1]);
  asks[1]?.answer(undefined);
  await done;
  expect(published).toEqual([undefined]);
});
