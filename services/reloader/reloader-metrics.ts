import { Metrics } from "../kit/metrics";

export type ReloaderMetrics = ReturnType<typeof reloaderMetrics>;

/** What the reloader counts. */
export function reloaderMetrics() {
  const metrics = new Metrics("reloader");
  return {
    generation: metrics.gauge("generation", "The desired generation of the configuration that nginx serves."),
    members: metrics.gauge("members", "Upstream servers in the configuration that nginx serves."),
    reloads: metrics.counter("reloads_total", "Times that nginx was told to reload."),
    reloadSeconds: metrics.gauge("reload_seconds", "From the look at the candidate until nginx served it, last time."),
    failures: metrics.counter("failures_total", "Checks that failed, reloads not followed, passes that broke."),
    lastSuccess: metrics.gauge(
      "last_success_timestamp_seconds",
      "When nginx was last seen to serve the newest candidate.",
    ),
    refused: metrics.gauge("refused", "1 while the newest candidate is not taken."),
    oldWorkers: metrics.gauge("old_workers", "Workers of older configurations at the last look."),
    oldGenerations: metrics.gauge("old_generations", "Older configurations that have workers, at the last look."),
    answers: metrics.gauge("nginx_answers", "1 while nginx answers on its status socket."),
    nginxContainers: metrics.gauge("nginx_containers", "Containers of nginx that run."),
    render: () => metrics.render(),
  };
}
