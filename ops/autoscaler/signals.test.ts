import { askedForSignals } from "./signals";

test("a burst is one signal: npm repeats what the terminal sent to both; each later one interrupts once", () => {
  let nowMs = 5;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => nowMs);
  let interruptions = 0;
  const before = process.listeners("SIGINT");
  const signal = askedForSignals(() => (interruptions += 1));
  const send = (afterMs: number) => {
    nowMs += afterMs;
    process.emit("SIGINT");
  };
  try {
    send(0);
    send(1);
    expect([signal.aborted, interruptions]).toEqual([true, 0]);
    send(1_000);
    send(0.3);
    send(50);
    expect(interruptions).toBe(1);
    send(1_000);
    expect(interruptions).toBe(2);
  } finally {
    clock.mockRestore();
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      for (const listener of process.listeners(name)) if (!before.includes(listener)) process.off(name, listener);
    }
  }
});
