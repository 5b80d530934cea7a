/** What happens to replicas, and when: collected from Docker, Consul and the reloader, and put together here. Pure. */

export type Happening =
  /** Docker started it. */
  | "started"
  /** Docker's health check passed. */
  | "healthy"
  /** Consul has it, passing. */
  | "registered"
  /** Rollout wants it. */
  | "wanted"
  /** A configuration with it was checked by nginx and became current. */
  | "rendered"
  /** An nginx worker with it answers. */
  | "serving"
  /** No worker of a configuration without it is left. */
  | "retired"
  /** Docker sent its stop signal. */
  | "stopping"
  /** An nginx worker without it answers. */
  | "unrouted"
  /** Its process ended. */
  | "ended";

export interface Moment {
  atMs: number;
  containerId: string;
  what: Happening;
}

/** One run of a container, from its start to its end: the first time of everything that happened in it. */
export type Life = { containerId: string } & Partial<Record<Happening, number>>;

/** Divides the moments into lives. A moment before the first start seen belongs to a life that began earlier. */
export function livesOf(moments: readonly Moment[]): Life[] {
  const lives = new Map<string, Life[]>();
  for (const { atMs, containerId, what } of [...moments].sort((a, b) => a.atMs - b.atMs)) {
    const ofContainer = lives.get(containerId) ?? [];
    lives.set(containerId, ofContainer);
    if (what === "started" || ofContainer.length === 0) ofContainer.push({ containerId });
    const life = ofContainer.at(-1);
    if (life === undefined) continue;
    // A fault took it out for a while: what counts is the time that follows the signal.
    if (what === "stopping") delete life.unrouted;
    life[what] ??= atMs;
  }
  return [...lives.values()].flat();
}

export interface Steps {
  /** Docker's start → its health check passed. */
  healthy: number[];
  /** → Consul has it. */
  registered: number[];
  /** Registered and wanted → a checked configuration. */
  rendered: number[];
  /** → a new worker answers. */
  serving: number[];
  /** Healthy and wanted → a new worker answers: all of the above but the start. */
  routed: number[];
  /** A new worker answers → no older worker is left: as long as the longest request, at least. */
  retired: number[];
  /** The stop signal → a worker without it answers. */
  unrouted: number[];
}

/** How long each step took, in ms, over all lives that have both of its ends. */
export function stepsOf(lives: readonly Life[]): Steps {
  const took = (end: (life: Life) => number | undefined, begin: (life: Life) => number | undefined): number[] =>
    lives.flatMap((life) => {
      const [from, to] = [begin(life), end(life)];
      return from === undefined || to === undefined || life.started === undefined ? [] : [Math.max(0, to - from)];
    });
  // Where nothing was ever wanted anew (a replica that was stopped by hand), it is wanted all the time.
  const wanted = (life: Life, ready: number | undefined) =>
    ready === undefined ? undefined : Math.max(ready, life.wanted ?? 0);
  return {
    healthy: took(
      ({ healthy }) => healthy,
      ({ started }) => started,
    ),
    registered: took(
      ({ registered }) => registered,
      ({ healthy }) => healthy,
    ),
    rendered: took(
      ({ rendered }) => rendered,
      (life) => wanted(life, life.registered),
    ),
    serving: took(
      ({ serving }) => serving,
      ({ rendered }) => rendered,
    ),
    routed: took(
      ({ serving }) => serving,
      (life) => wanted(life, life.healthy),
    ),
    retired: took(
      ({ retired }) => retired,
      ({ serving }) => serving,
    ),
    unrouted: lives.flatMap(({ stopping, unrouted, serving }) =>
      stopping === undefined || unrouted === undefined || (serving ?? 0) > stopping ? [] : [unrouted - stopping],
    ),
  };
}
