/**
 * What the services and the program's Rollout say to each other through Consul's key-value store. Rollout writes `desired`,
 * consul-template renders it into the candidate, the reloader writes `applied`, Rollout waits for it.
 */
export const desiredKey = (stack: string): string => `wordpress-autoscaling/${stack}/nginx/desired`;
export const appliedKey = (stack: string): string => `wordpress-autoscaling/${stack}/nginx/applied`;
/** registrator's stop intents, one key a container: the value is a `Stopping` in JSON. */
export const stoppingKey = (stack: string, containerId: string): string =>
  `wordpress-autoscaling/${stack}/registrator/stopping/${containerId}`;

/** A container was asked to stop. */
export interface Stopping {
  /** When the container that was asked had started (RFC 3339, as Docker says it): one that started anew was not asked. */
  startedAt: string;
  /** When it was asked (RFC 3339). */
  at: string;
}

/** Who is wanted behind nginx. */
export interface Desired {
  generation: number;
  members: { name: string; containerId: string }[];
}

/** What nginx runs now. */
export interface Applied {
  /** The `desired` generation that the running configuration was rendered from; 0: rendered without one. */
  generation: number;
  /** The running configuration's own name: a hash of its content. */
  configHash: string;
  /** `settingsHash` of the running nginx.conf: it says whether the program's newest settings are what runs. */
  settingsHash: string;
  /** The upstream servers of the running configuration. */
  members: { name: string; containerId: string; address: string }[];
  /** No worker of an older configuration is left. */
  retired: boolean;
  /** Why the newest candidate is not what runs (nginx -t's message, an empty set); absent when all is well. */
  refused?: string;
  /** RFC 3339. */
  at: string;
}
