import { Metrics } from "../kit/metrics";

export type ReloaderMetrics = ReturnType<typeof reloaderMetrics>;

/** The reloader's metrics. */
export function reloaderMetrics() {
  const metrics = new Metrics("reloader");
  return {
    generation: metrics.gauge("generation", "The desired generation of the configuration that nginx serves."),
    members: metrics.gauge("members", "Upstream servers in the configuration that nginx serves."),
    reloads: metrics.counter("reloads_total", "Reload signals sent to nginx."),
    reloadSeconds: metrics.gauge(
      "reload_seconds",
      "Time from reading the candidate until nginx served it, in the last reload.",
    ),
    failures: metrics.counter("failures_total", "Failed checks, reloads without effect, failed passes."),
    lastSuccess: metrics.gauge(
      "last_success_timestamp_seconds",
      "When nginx was last seen to serve the newest candidate.",
    ),
    refused: metrics.gauge("refused", "1 while the newest candidate is refused."),
    oldWorkers: metrics.gauge("old_workers", "Workers of older configurations, when last counted."),
    oldGenerations: metrics.gauge("old_generations", "Older configurations with workers, when last counted."),
    answers: metrics.gauge("nginx_answers", "1 while nginx answers on its status socket."),
    nginxContainers: metrics.gauge("nginx_containers", "Running nginx containers."),
    render: () => metrics.render(),
  };
}
