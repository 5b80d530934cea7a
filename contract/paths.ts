/** Paths inside the containers that several parts use. */

/** The volume that nginx and consul-template share. Where nginx looks for its configuration: `<it>/current/nginx.conf`. */
export const NGINX_DIR = "/srv/nginx";
/** Below NGINX_DIR: the unix socket on which nginx reports its configuration. */
export const STATUS_SOCKET = "status.sock";
/** Below NGINX_DIR: nginx's log of response times, for the reloader's metrics. */
export const TIMINGS_LOG = "timings.log";
/** Below NGINX_DIR: the upstreams that consul-template renders. */
export const CANDIDATE = "candidate/upstreams.conf";
/** Docker's socket: its usual path on the host, and its path in the containers that use it. */
export const DOCKER_SOCKET = "/var/run/docker.sock";
