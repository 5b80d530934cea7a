/**
 * nginx's workers and its memory, bound together. All of it is fixed: the memory limit is an input of nginx's container, which a change
 * replaces, so it must follow neither the cores of the machine on which `up` runs nor those of Docker's.
 */

/** In front of PHP few are enough: one passes on more requests than the largest set of replicas answers. */
export const WORKERS = 4;
/** Of each worker. A request that is passed on takes two. */
export const WORKER_CONNECTIONS = 1024;
/** Sets of workers beside the serving one: as many as the reloader allows (services/reloader/plan.ts), and one of a reload by hand. */
export const OLD_GENERATIONS = 8 + 1;
/** At a time, of all generations, with an answer half sent: what eighty replicas with 12 workers each work on. */
export const OPEN_REQUESTS = 1000;

/** MiB, measured with nginx 1.30.6 by test/integration/nginx-memory.test.ts, with a tenth to spare. */
const MEMORY_MIB = {
  /** The master process, shared zones, logs in the page cache. */
  shared: 16,
  /** A worker without requests: 1.1. */
  worker: 1.25,
  /** A large compressed answer that is half sent, 0.44: gzip's window and hash, the proxy's buffers. */
  request: 0.48,
};

/** The memory limit of nginx's container. Pure. */
export const nginxMemoryMiB = (): number =>
  Math.ceil(
    MEMORY_MIB.shared + WORKERS * (1 + OLD_GENERATIONS) * MEMORY_MIB.worker + OPEN_REQUESTS * MEMORY_MIB.request,
  );
