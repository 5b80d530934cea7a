import type { Outcome } from "./load/exchange";

/** A GET that went well, for tests to change. */
export function outcome(
  change: Omit<Partial<Outcome>, "planned"> & { planned?: Partial<Outcome["planned"]> } = {},
): Outcome {
  const planned = { method: "GET", connection: "new", client: 0, lastsMs: 0, bodyBytes: 0, fillBytes: 0 } as const;
  return { nonce: "n-0", dueMs: 0, endMs: 5, reused: false, ...change, planned: { ...planned, ...change.planned } };
}
