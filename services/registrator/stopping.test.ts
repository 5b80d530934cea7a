import { container } from "../test/fakes";
import { foretell } from "./foretell";
import { holds, meaningOf, signalNumber } from "./stopping";

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
  test("with the container's stop signal is a wish to stop it", () => {
    const quitter = container({ stopSignal: "SIGQUIT" });
    expect(meaningOf({ signal: "3", atMs: started + 1 }, quitter, started + 2)).toBe("stop");
  });

  test.each(["1", "10", "9", "28"])("with signal %s is none", (signal) => {
    expect(meaningOf({ signal, atMs: started + 1 }, container(), started + 2)).toBe("none");
  });

  test("to the process before, or to one that has ended, is none", () => {
    expect(meaningOf({ signal: "15", atMs: started - 1 }, container(), started + 2)).toBe("none");
    expect(meaningOf({ signal: "15", atMs: started + 1 }, container({ running: false }), started + 2)).toBe("none");
  });

  test("is unclear by its stamp alone where the clock was set back since the start", () => {
    const kill = { signal: "15", atMs: started - HOUR + 1_000 };
    expect(meaningOf(kill, container(), started - HOUR + 1_005)).toBe("unclear");
  });
});

describe("an intent", () => {
  const intent = { startedAt: container().startedAt, atMs: started, sinceMs: 5 };

  test("holds while the container runs on", () => {
    expect(holds(intent, container({ paused: true, health: "unhealthy" }), 6, 1000)).toBe("holds");
  });

  test("ends with the container, or when it has started anew", () => {
    expect(holds(intent, undefined, 5, 1000)).toBe("ended");
    expect(holds(intent, container({ running: false }), 5, 1000)).toBe("ended");
    expect(holds(intent, container({ startedAt: "2026-01-01T00:01:00Z" }), 5, 1000)).toBe("ended");
  });

  test("is over when the container has outlived every stop time-out", () => {
    expect(holds(intent, container(), 1006, 1000)).toBe("survived");
  });
});

describe("an event alone", () => {
  const event = (action: string, atMs = started + 10) => ({ containerId: "a", action, atMs });

  test("tells of a crash before Docker answers an inspection", () => {
    expect(foretell(event("die"), container(), started + 5, started + 11)).toEqual(container({ running: false }));
  });

  test("tells nothing when the container was seen after it", () => {
    expect(foretell(event("die"), container(), started + 10, started + 11)).toBeUndefined();
    expect(foretell(event("health_status: unhealthy"), container(), started + 20, started + 21)).toBeUndefined();
  });

  test("tells nothing of a process before, nor of a container never seen", () => {
    expect(foretell(event("die", started - 1), container(), 0, started)).toBeUndefined();
    expect(foretell(event("die"), undefined, 0, started + 10)).toBeUndefined();
  });

  test("tells nothing when its stamp is far from now: it is replayed, or the clock was set since", () => {
    expect(foretell(event("die"), container(), started + 5, started - HOUR)).toBeUndefined();
    expect(foretell(event("die"), container(), started + 5, started + HOUR)).toBeUndefined();
  });
});
