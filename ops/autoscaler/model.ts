/** What the autoscaler sees, remembers and decides. Times are milliseconds of one clock. */

/** One container of role wordpress. */
export interface ReplicaSample {
  name: string;
  /** It runs, and Docker says that it is healthy. */
  isReady: boolean;
  /** Percent of one core. @default missing */
  cpuPercent?: number;
}

/** The load of one period. What could not be read is absent, never 0. */
export interface Samples {
  replicas?: ReplicaSample[];
  /** Requests that nginx worked on, on average. */
  requestsInFlight?: number;
  /** Mean time that replicas took for a request; 0 where there was none. */
  upstreamMilliseconds?: number;
}

export type MetricName = "cpu" | "requests" | "upstream";

/** What one metric asks for. */
export interface Wish {
  metric: MetricName;
  target: number;
  /** The load as it was compared with the target: per replica, but for `upstream`. */
  value?: number;
  /** @default none: the metric is missing, see `missing` */
  replicas?: number;
  missing?: string;
}

/** What has to be remembered between two decisions. */
export interface State {
  /** Raw wishes, oldest first, as far as a window reaches. */
  recommendations: { at: number; replicas: number }[];
  /** Runs of `up` that changed the number, by their start. */
  changes: { at: number; from: number; to: number }[];
  /** Starts of all runs of `up` of the last hour, failed ones too. */
  actions: number[];
  /** Failed runs in a row. */
  failures: number;
  /** No `up` before this time. */
  notBefore: number;
}

export interface Decision {
  current: number;
  wishes: Wish[];
  /** The largest wish. @default none: nothing may be concluded from what is missing */
  recommendation?: number;
  /** What is to run. */
  replicas: number;
  /** Why it is that number, in words. */
  reason: string;
  /** Why `replicas` is not acted on now. */
  held?: string;
}
