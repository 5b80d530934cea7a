import Consul from "consul";
import { pause } from "./pause";

type ConsulOptions = NonNullable<ConstructorParameters<typeof Consul>[0]>;

/** A Consul client with a timeout on every request, so that a hung agent never stalls a loop. */
export function consulClient(address: string, token: string | undefined, timeoutMs = 3_000): Consul {
  const url = new URL(address.includes("://") ? address : `http://${address}`);
  const secure = url.protocol === "https:";
  const options: ConsulOptions & { timeout: number } = {
    host: url.hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    secure,
    timeout: timeoutMs,
    ...(token === undefined ? {} : { defaults: { token } }),
  };
  return new Consul(options);
}

interface WatchOptions {
  /**
   * How long one blocking query may take, such as "2s". Keep it short: after a wipe Consul's index restarts below the one that is
   * asked for, so the query returns only when this time is over.
   */
  wait: string;
  /** Watches all keys with this prefix. */
  isPrefix?: boolean;
}

/** Delay before a watch that has ended is restarted. */
const RESTART_MS = 1_000;

/**
 * Calls `changed` at once and after each change with the key's item in Consul's key-value store (undefined: no such key), until aborted.
 * While Consul cannot be reached the calls are only delayed: the watch retries.
 */
export function watchKey(
  consul: Consul,
  key: string,
  { wait, isPrefix = false }: WatchOptions,
  changed: (found: unknown) => void,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const watch = consul.watch({
    // eslint-disable-next-line @typescript-eslint/unbound-method -- the watch calls it on an object of its own
    method: consul.kv.get,
    options: { key, wait, ...(isPrefix ? { recurse: "true" } : {}) },
    backoffFactor: 100,
    backoffMax: 2_000,
  });
  watch.on("change", changed);
  watch.on("error", () => undefined);
  const end = () => watch.end();
  signal.addEventListener("abort", end);
  // The library's watch ends for good on a response that is not Consul's: status 400, or no Consul headers (a proxy's page).
  watch.on("end", () => {
    signal.removeEventListener("abort", end);
    void pause(RESTART_MS, signal).then(() => watchKey(consul, key, { wait, isPrefix }, changed, signal));
  });
}
