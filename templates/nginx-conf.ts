import { CLOSED_PATHS, closedPattern } from "./closed-paths";
import { WORKER_CONNECTIONS, WORKERS } from "./nginx-workers";
import { renderTemplate } from "./render";

/** What the site's settings say of nginx. */
export interface NginxSite {
  serverNames: string[];
  exposeUpstream: boolean;
  maxRequestSeconds: number;
  keepaliveMinSeconds: number;
  workerShutdownSeconds: number;
  uploadMaxMiB: number;
}

/** nginx.conf, with what this project fixes. */
export const renderNginxConf = (site: NginxSite): string =>
  renderTemplate("nginx.conf.mustache", "nginx", {
    ...site,
    workers: WORKERS,
    workerConnections: WORKER_CONNECTIONS,
    // A connection and a temporary file each, and what a worker has open besides.
    openFiles: 4 * WORKER_CONNECTIONS,
    closedPatterns: CLOSED_PATHS.map(closedPattern),
  });
