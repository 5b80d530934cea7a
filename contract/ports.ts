/** Ports inside the containers. Those that are published on the host are settings. */

/** Consul's HTTP API: on the control network and, published, on the host's loopback address. */
export const CONSUL_PORT = 8500;
/** The site, at nginx and at each replica. */
export const HTTP_PORT = 80;
/** Health checks of nginx, within its container, and of a replica, for Consul: `/healthz`. */
export const HEALTH_PORT = 8081;
export const MYSQL_PORT = 3306;
/** `/health` and `/metrics` of registrator and of the reloader, on the control network. */
export const REGISTRATOR_STATUS_PORT = 9101;
export const RELOADER_STATUS_PORT = 9102;
