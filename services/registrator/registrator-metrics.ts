import { Metrics } from "../kit/metrics";

export type RegistratorMetrics = ReturnType<typeof registratorMetrics>;

/** registrator's metrics. */
export function registratorMetrics() {
  const metrics = new Metrics("registrator");
  return {
    reconciles: metrics.counter("reconciles_total", "Runs whose steps were all applied."),
    failures: metrics.counter("failures_total", "Failed runs, resyncs and inspections; each is retried."),
    reconcileSeconds: metrics.gauge("reconcile_seconds", "Duration of the last run."),
    lastSuccess: metrics.gauge("last_success_timestamp_seconds", "When Consul was last in step with everything known."),
    drift: metrics.counter("drift_total", "Differences found in Consul that no event explains."),
    events: metrics.counter("docker_events_total", "Docker events received, by action.", true),
    steps: metrics.counter("steps_total", "Changes made in Consul, by kind.", true),
    connects: metrics.counter("docker_connects_total", "Event streams opened."),
    containers: metrics.gauge("containers", "Containers of the stack in Docker."),
    unanswered: metrics.gauge("unanswered_containers", "Containers that Docker did not answer for in the last resync."),
    stopping: metrics.gauge("stopping_containers", "Containers that were asked to stop and still run."),
    problems: metrics.gauge(
      "problem_containers",
      "Containers with a service that cannot be registered as their labels ask.",
    ),
    render: () => metrics.render(),
  };
}
