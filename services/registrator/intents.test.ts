import { until } from "../../lab/driver/until";
import { container } from "../test/fakes";
import { StopIntents } from "./intents";

test("an unclear signal is re-evaluated until its grace period is over, even when a timer fires early", async () => {
  let nowMs = 0;
  const inspected: string[] = [];
  const stop = new AbortController();
  const wallMs = Date.parse("2026-01-01T11:00:00Z");
  const intents = new StopIntents(
    { now: () => nowMs, wall: () => wallMs },
    (containerId) => inspected.push(containerId),
    stop.signal,
  );
  // The process started an hour in the future: the host's clock was set back since.
  const view = container({ id: "id-1", startedAt: "2026-01-01T12:00:00Z" });
  intents.record({ containerId: "id-1", action: "kill", signal: "15", atMs: wallMs });
  expect(intents.take("id-1", view)).toBe(false);
  await until("inspected again", () => inspected.length === 1);

  nowMs = 249;
  expect(intents.take("id-1", view)).toBe(false);
  await until("inspected once more", () => inspected.length === 2);
  nowMs = 250;
  expect(intents.take("id-1", view)).toBe(true);
  stop.abort();
});
