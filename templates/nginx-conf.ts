import { NGINX_DIR, STATUS_SOCKET, TIMINGS_LOG } from "../contract/paths";
import { HEALTH_PORT, HTTP_PORT } from "../contract/ports";
import { CLOSED_PATHS, closedPattern } from "./closed-paths";
import { WORKER_CONNECTIONS, WORKERS } from "./nginx-workers";
import { renderTemplate } from "./render";

/** The site's settings that concern nginx. */
export interface NginxSite {
  serverNames: string[];
  exposeUpstream: boolean;
  maxRequestSeconds: number;
  keepaliveMinSeconds: number;
  workerShutdownSeconds: number;
  uploadMaxMiB: number;
}

/** Renders nginx.conf from these settings and the values that this project fixes. */
export const renderNginxConf = (site: NginxSite): string =>
  renderTemplate("nginx.conf.mustache", "nginx", {
    ...site,
    workers: WORKERS,
    workerConnections: WORKER_CONNECTIONS,
    // For each connection itself and a temporary file, and the other files that a worker has open.
    openFiles: 4 * WORKER_CONNECTIONS,
    statusSocket: `${NGINX_DIR}/${STATUS_SOCKET}`,
    timingsLog: `${NGINX_DIR}/${TIMINGS_LOG}`,
    healthPort: HEALTH_PORT,
    httpPort: HTTP_PORT,
    closedPatterns: CLOSED_PATHS.map(closedPattern),
  });
