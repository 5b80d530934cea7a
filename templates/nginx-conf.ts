import { NGINX_DIR, STATUS_SOCKET, TIMINGS_LOG } from "../contract/paths";
import { HEALTH_PORT, HTTP_PORT } from "../contract/ports";
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
    statusSocket: `${NGINX_DIR}/${STATUS_SOCKET}`,
    timingsLog: `${NGINX_DIR}/${TIMINGS_LOG}`,
    healthPort: HEALTH_PORT,
    httpPort: HTTP_PORT,
    closedPatterns: CLOSED_PATHS.map(closedPattern),
  });
