import { until } from "../../lab/driver/until";
import { container } from "../test/fakes";
import { StopIntents } from "./intents";

test("a stamp that is unclear is looked at until the clock decides, though a timer fires a moment early", async () => {
  let nowMs = 0;
  const looked: string[] = [];
  const stop = new AbortController();
  const wallMs = Date.parse("2026-01-01T11:00:00Z");
  const intents = new StopIntents(
    { now: () => nowMs, wall: () => wallMs },
    (containerId) => looked.push(containerId),
    stop.signal,
  );
  // Docker says that the process started an hour from now: the host's clock was set back since.
  const view = container({ id: "id-1", startedAt: "2026-01-01T12:00:00Z" });
  intents.hear({ containerId: "id-1", action: "kill", signal: "15", atMs: wallMs });
  expect(intents.take("id-1", view)).toBe(false);
  await until("looked at again", () => looked.length === 1);

  nowMs = 249;
  expect(intents.take("id-1", view)).toBe(false);
  await until("looked at once more", () => looked.length === 2);
  nowMs = 250;
  expect(intents.take("id-1", view)).toBe(true);
  stop.abort();
});
