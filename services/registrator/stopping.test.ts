import { container } from "../test/fakes";
import { foretell } from "./foretell";
import { holds, intentOf, signalNumber } from "./stopping";

test.each([
  ["SIGTERM", 15],
  ["TERM", 15],
  ["15", 15],
  ["sigquit", 3],
  ["SIGWINCH", 28],
  ["SIGRTMIN+3", 37],
  ["SIGNONSENSE", undefined],
])("signal %s is %s", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

const started = Date.parse(container().startedAt);

describe("a kill event", () => {
  test("with the container's stop signal is an intent to stop it", () => {
    const quitter = container({ stopSignal: "SIGQUIT" });
    expect(intentOf({ signal: "3", atMs: started + 1 }, quitter)).toEqual({
      startedAt: quitter.startedAt,
      atMs: started + 1,
    });
  });

  test.each(["1", "10", "9", "28"])("with signal %s is none", (signal) => {
    expect(intentOf({ signal, atMs: started + 1 }, container())).toBeUndefined();
  });

  test("to the process before is none", () => {
    expect(intentOf({ signal: "15", atMs: started - 1 }, container())).toBeUndefined();
  });
});

describe("an intent", () => {
  const intent = { startedAt: container().startedAt, atMs: started };

  test("holds while the container runs on", () => {
    expect(holds(intent, container({ paused: true, health: "unhealthy" }), started + 1, 1000)).toBe("holds");
  });

  test("ends with the container, or when it has started anew", () => {
    expect(holds(intent, undefined, started, 1000)).toBe("ended");
    expect(holds(intent, container({ running: false }), started, 1000)).toBe("ended");
    expect(holds(intent, container({ startedAt: "2026-01-01T00:01:00Z" }), started, 1000)).toBe("ended");
  });

  test("is over when the container has outlived every stop time-out", () => {
    expect(holds(intent, container(), started + 1001, 1000)).toBe("survived");
  });
});

describe("an event alone", () => {
  const event = (action: string, atMs = started + 10) => ({ containerId: "a", action, atMs });

  test("tells of a crash before Docker answers an inspection", () => {
    expect(foretell(event("die"), container(), started + 5)).toEqual(container({ running: false }));
  });

  test("tells nothing when the container was seen after it", () => {
    expect(foretell(event("die"), container(), started + 10)).toBeUndefined();
    expect(foretell(event("health_status: unhealthy"), container(), started + 20)).toBeUndefined();
  });

  test("tells nothing of a process before, nor of a container never seen", () => {
    expect(foretell(event("die", started - 1), container(), 0)).toBeUndefined();
    expect(foretell(event("die"), undefined, 0)).toBeUndefined();
  });
});
