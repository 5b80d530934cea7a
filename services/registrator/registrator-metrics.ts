import { Metrics } from "../kit/metrics";

export type RegistratorMetrics = ReturnType<typeof registratorMetrics>;

/** What registrator counts. */
export function registratorMetrics() {
  const metrics = new Metrics("registrator");
  return {
    reconciles: metrics.counter("reconciles_total", "Runs of list, plan, apply that ended well or in part."),
    failures: metrics.counter("failures_total", "Runs in which something failed; it is tried again."),
    reconcileSeconds: metrics.gauge("reconcile_seconds", "Duration of the last run."),
    lastSuccess: metrics.gauge("last_success_timestamp_seconds", "When all that was known had been made true."),
    drift: metrics.counter("drift_total", "Differences found in Consul that no event explains."),
    events: metrics.counter("docker_events_total", "Docker events taken, by action.", true),
    steps: metrics.counter("steps_total", "Changes made in Consul, by kind.", true),
    connects: metrics.counter("docker_connects_total", "Times that an event stream was opened."),
    containers: metrics.gauge("containers", "Containers of the stack that Docker has."),
    unanswered: metrics.gauge("unanswered_containers", "Containers that Docker did not answer for at the last look."),
    stopping: metrics.gauge("stopping_containers", "Containers that were asked to stop and still run."),
    problems: metrics.gauge("problem_containers", "Containers whose labels cannot be followed."),
    render: () => metrics.render(),
  };
}
