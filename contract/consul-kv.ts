/**
 * The records in Consul's key-value store through which the services and Rollout communicate. Rollout writes `desired`,
 * consul-template renders it into the candidate, the reloader writes `applied`, Rollout waits for that.
 */
export const desiredKey = (stack: string): string => `wordpress-autoscaling/${stack}/nginx/desired`;
export const appliedKey = (stack: string): string => `wordpress-autoscaling/${stack}/nginx/applied`;
/** registrator's stop intents, one key a container: the value is a `Stopping` in JSON. */
export const stoppingKey = (stack: string, containerId: string): string =>
  `wordpress-autoscaling/${stack}/registrator/stopping/${containerId}`;

/** A stop intent: a container was asked to stop. */
export interface Stopping {
  /** Docker's start time of the container (RFC 3339): the intent does not apply to a restarted one. */
  startedAt: string;
  /** When it was asked (RFC 3339). */
  at: string;
}

/** The desired set: the replicas that nginx is to route to. */
export interface Desired {
  generation: number;
  members: { name: string; containerId: string }[];
}

/** What nginx runs now. */
export interface Applied {
  /** The `desired` generation that the running configuration was rendered from; 0: rendered without one. */
  generation: number;
  /** The name of the running configuration: a hash of its content. */
  configHash: string;
  /** `settingsHash` of the running nginx.conf: shows whether nginx runs the program's newest settings. */
  settingsHash: string;
  /** The upstream servers of the running configuration. */
  members: { name: string; containerId: string; address: string }[];
  /** No worker of an older configuration is left. */
  retired: boolean;
  /** Why the newest candidate is not running (nginx -t's message, no members); absent when it is. */
  refused?: string;
  /** RFC 3339. */
  at: string;
}
