import Consul from "consul";
import { pause } from "./pause";

type ConsulOptions = NonNullable<ConstructorParameters<typeof Consul>[0]>;

/** A Consul client with a time limit on every request, so that a hung agent never stalls a loop. */
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
  /** Of one answer, such as "2s". Short, since a Consul that was wiped counts anew: it would answer a higher number only at the end of the time. */
  wait: string;
  /** The key is a prefix: all below it. */
  isPrefix?: boolean;
}

/** Before a watch that has ended is begun anew. */
const ANEW_MS = 1_000;

/**
 * Calls at once and after each change with what Consul's key-value store answers for the key, undefined for nothing, until aborted.
 * Consul's absence delays the calls, no more: the watch tries again by itself.
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
  // It ends for good at an answer that is not Consul's: status 400, or none of Consul's headers, as a proxy's page has.
  watch.on("end", () => {
    signal.removeEventListener("abort", end);
    void pause(ANEW_MS, signal).then(() => watchKey(consul, key, { wait, isPrefix }, changed, signal));
  });
}
