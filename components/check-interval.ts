/**
 * Seconds between two of Docker's health checks of a replica: 2 for up to 10 replicas, 5 for up to 30, 10 for more. Each check is a process
 * that Docker starts in the container, some 45 ms of CPU, of which the check itself is 2 to 4: every 2 s, a hundred replicas would take two
 * cores at rest. That a replica hangs, Consul's own check says within 5 s, so Docker's is needed for the start alone. Pure.
 */
export function checkIntervalSeconds(replicas: number): number {
  if (replicas <= 10) return 2;
  return replicas <= 30 ? 5 : 10;
}
