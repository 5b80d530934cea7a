import Consul from "consul";

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
