import { container } from "../test/fakes";
import { predict } from "./predict";
import { holds, classifyKill, signalNumber } from "./stopping";

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

const HOUR = 3_600_000;

describe("a kill event", () => {
  test("with the container's stop signal is a stop", () => {
    const quitter = container({ stopSignal: "SIGQUIT" });
    expect(classifyKill({ signal: "3", atMs: started + 1 }, quitter, started + 2)).toBe("stop");
  });

  test.each(["1", "10", "9", "28"])("with signal %s is none", (signal) => {
    expect(classifyKill({ signal, atMs: started + 1 }, container(), started + 2)).toBe("none");
  });

  test("sent to an earlier process, or to one that has ended, is none", () => {
    expect(classifyKill({ signal: "15", atMs: started - 1 }, container(), started + 2)).toBe("none");
    expect(classifyKill({ signal: "15", atMs: started + 1 }, container({ running: false }), started + 2)).toBe("none");
  });

  test("is unclear when the clock was set back since the start", () => {
    const kill = { signal: "15", atMs: started - HOUR + 1_000 };
    expect(classifyKill(kill, container(), started - HOUR + 1_005)).toBe("unclear");
  });
});

describe("an intent", () => {
  const intent = { startedAt: container().startedAt, atMs: started, sinceMs: 5 };

  test("holds while the container still runs", () => {
    expect(holds(intent, container({ paused: true, health: "unhealthy" }), 6, 1000)).toBe("holds");
  });

  test("ends with the container, or when it is restarted", () => {
    expect(holds(intent, undefined, 5, 1000)).toBe("ended");
    expect(holds(intent, container({ running: false }), 5, 1000)).toBe("ended");
    expect(holds(intent, container({ startedAt: "2026-01-01T00:01:00Z" }), 5, 1000)).toBe("ended");
  });

  test("is over when the container has outlived every stop timeout", () => {
    expect(holds(intent, container(), 1006, 1000)).toBe("survived");
  });
});

describe("the prediction from an event", () => {
  const event = (action: string, atMs = started + 10) => ({ containerId: "a", action, atMs });

  test("shows a crash before Docker answers an inspection", () => {
    expect(predict(event("die"), container(), started + 5, started + 11)).toEqual(container({ running: false }));
  });

  test("is empty when the snapshot is newer than the event", () => {
    expect(predict(event("die"), container(), started + 10, started + 11)).toBeUndefined();
    expect(predict(event("health_status: unhealthy"), container(), started + 20, started + 21)).toBeUndefined();
  });

  test("is empty for an earlier process, and for an unknown container", () => {
    expect(predict(event("die", started - 1), container(), 0, started)).toBeUndefined();
    expect(predict(event("die"), undefined, 0, started + 10)).toBeUndefined();
  });

  test("is empty when the timestamp is far from now: the event was replayed, or the clock has been set since", () => {
    expect(predict(event("die"), container(), started + 5, started - HOUR)).toBeUndefined();
    expect(predict(event("die"), container(), started + 5, started + HOUR)).toBeUndefined();
  });
});
