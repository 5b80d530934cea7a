/** Paths inside the containers that more than one part knows. */

/** The volume that nginx and consul-template share. Where nginx looks for its configuration: `<it>/current/nginx.conf`. */
export const NGINX_DIR = "/srv/nginx";
/** Below NGINX_DIR: the unix socket at which nginx says which configuration it runs. */
export const STATUS_SOCKET = "status.sock";
/** Below NGINX_DIR: nginx's log of response times, for the reloader's metrics. */
export const TIMINGS_LOG = "timings.log";
/** Below NGINX_DIR: what consul-template renders. */
export const CANDIDATE = "candidate/upstreams.conf";
/** Docker's socket: the engine's usual one on the host, and where containers that use it have it. */
export const DOCKER_SOCKET = "/var/run/docker.sock";
