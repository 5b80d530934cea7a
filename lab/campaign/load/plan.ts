/** The mix of requests: which one is sent at which tick. Pure, and the same in each run. */

/**
 * How a request reaches nginx. `new`: a connection of its own; `kept`: one of a pool that is always in use; `idle`: a client that asks
 * again after IDLE_GAP_MS, less than `keepaliveMinSeconds`; `sleeper`: one that asks again after SLEEPER_GAP_MS, more than that.
 */
export type Connection = "new" | "kept" | "idle" | "sleeper";

export interface Planned {
  method: "GET" | "POST";
  connection: Connection;
  /** Which of the idle clients or sleepers asks; 0 for the others. */
  client: number;
  /** How long the replica is asked to take. */
  lastsMs: number;
  /** Of a POST. */
  bodyBytes: number;
  /** Of the answer, besides its first line. */
  fillBytes: number;
}

export const IDLE_GAP_MS = 3_000;
export const SLEEPER_GAP_MS = 15_000;

const MiB = 2 ** 20;
/** The sizes of all bodies: each is made and hashed once, before the load begins. */
export const BODY_BYTES = { tiny: 64, small: 2_000, middle: 200_000, large: 8 * MiB };

/** Of each 20 requests: 9 new, 7 kept, 3 idle, 1 sleeper. */
const PER_TWENTY = { new: 9, kept: 7, idle: 3, sleeper: 1 };

/** Request number `index` of a load of `rate` requests a second. */
export function planned(index: number, rate: number): Planned {
  const isPost = index % 3 === 0;
  const { connection, turn } = connectionOf(index);
  return {
    method: isPost ? "POST" : "GET",
    connection,
    client: connection === "idle" || connection === "sleeper" ? turn % clientsOf(connection, rate) : 0,
    lastsMs: lastsMs(index),
    bodyBytes: isPost ? bodyBytes(index / 3) : 0,
    fillBytes: index % 25 === 4 ? 100_000 : 0,
  };
}

/** How many clients it takes so that each of them asks once in its gap. */
export function clientsOf(connection: "idle" | "sleeper", rate: number): number {
  const gapMs = connection === "idle" ? IDLE_GAP_MS : SLEEPER_GAP_MS;
  return Math.max(1, Math.round((rate * PER_TWENTY[connection] * gapMs) / 20 / 1000));
}

/** The kind of connection, and how many of its kind came before. */
function connectionOf(index: number): { connection: Connection; turn: number } {
  let place = index % 20;
  for (const connection of ["new", "kept", "idle", "sleeper"] as const) {
    const many = PER_TWENTY[connection];
    if (place < many) return { connection, turn: Math.floor(index / 20) * many + place };
    place -= many;
  }
  throw new Error("PER_TWENTY is not a division of twenty");
}

/** One in ten lasts 1 s, one in two hundred 10 s: on new and on kept connections alike. */
function lastsMs(index: number): number {
  if (index % 400 === 7 || index % 400 === 211) return 10_000;
  return index % 10 === 3 ? 1_000 : 0;
}

function bodyBytes(post: number): number {
  if (post % 100 === 50) return BODY_BYTES.large;
  if (post % 20 === 1) return BODY_BYTES.middle;
  return post % 2 === 0 ? BODY_BYTES.small : BODY_BYTES.tiny;
}
