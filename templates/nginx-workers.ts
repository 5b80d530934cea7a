/**
 * nginx's workers and the memory limit that follows from them. All values are fixed: a changed memory limit would replace nginx's
 * container, so it must not depend on the cores of the machine that runs `up`, or of Docker's.
 */

/** A few are enough in front of PHP: a single worker can forward more requests than the largest set of replicas can answer. */
export const WORKERS = 4;
/** Per worker. A proxied request takes two. */
export const WORKER_CONNECTIONS = 1024;
/** Sets of workers besides the serving one: as many as the reloader allows (services/reloader/plan.ts), and one for a manual reload. */
export const OLD_GENERATIONS = 8 + 1;
/** Requests at a time, over all generations, whose response is partly sent: what eighty replicas with 12 workers each process. */
export const OPEN_REQUESTS = 1000;

/** MiB, measured with nginx 1.30.6 by test/integration/nginx-memory.test.ts, with a tenth to spare. */
const MEMORY_MIB = {
  /** The master process, shared zones, logs in the page cache. */
  shared: 16,
  /** A worker without requests: 1.1. */
  worker: 1.25,
  /** A large compressed response that is partly sent, 0.44: gzip's window and hash, the proxy's buffers. */
  request: 0.48,
};

/** The memory limit of nginx's container. Pure. */
export const nginxMemoryMiB = (): number =>
  Math.ceil(
    MEMORY_MIB.shared + WORKERS * (1 + OLD_GENERATIONS) * MEMORY_MIB.worker + OPEN_REQUESTS * MEMORY_MIB.request,
  );
