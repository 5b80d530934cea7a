import type { ConfigReader } from "./reader";

export const PUBLISH_KEYS = ["bindAddress", "httpPort", "consulPort"] as const;

/** The addresses and ports published on the host. */
export interface PublishSettings {
  /** For the site; Consul's API is always on 127.0.0.1. */
  address: string;
  httpPort: number;
  consulPort: number;
}

export function readPublish(config: ConfigReader): PublishSettings {
  const publish = {
    address: config.text(
      "bindAddress",
      /^(\d{1,3})(\.\d{1,3}){3}$/,
      "an IPv4 address of this host, such as 127.0.0.1 or 0.0.0.0",
    ),
    httpPort: config.integer("httpPort", 1, 65535),
    consulPort: config.integer("consulPort", 1, 65535),
  };
  if (publish.httpPort === publish.consulPort)
    config.problem("consulPort", String(publish.consulPort), "another port than httpPort's");
  return publish;
}
