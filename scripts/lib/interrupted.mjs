// What must not be left behind when Ctrl-C or SIGTERM ends the set-up in the middle of a step.

/** Calls `cleanUp` (synchronous) if a signal comes, then exits; returns a function that ends the watch. */
export function onInterrupt(cleanUp) {
  const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
  const handler = (signal) => {
    cleanUp();
    process.exit(128 + numbers[signal]);
  };
  const names = Object.keys(numbers);
  names.forEach((name) => process.once(name, handler));
  return () => names.forEach((name) => process.off(name, handler));
}
