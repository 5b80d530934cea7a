/** The only reader of the stack's configuration: one validated, typed object comes out, or one error that names every bad value. */
import * as pulumi from "@pulumi/pulumi";
import type { AutoscaleSettings } from "./autoscale";
import { IMAGES_KEYS, type ImageSettings, readImages } from "./images";
import { LIMIT_KEYS, type LimitSettings, readLimits } from "./limits";
import { NETWORK_KEYS, type NetworkSettings, readNetworks } from "./networks";
import { PUBLISH_KEYS, type PublishSettings, readPublish } from "./publish";
import { ConfigReader } from "./reader";
import { refusal } from "./refusal";
import { readReplicas, REPLICA_KEYS } from "./replicas";
import { readSite, SITE_KEYS, type SiteSettings } from "./site";
import { suggestion } from "./suggestion";

export interface Settings {
  /** 1 to 100; `autoscale` replaces it. */
  wordpressReplicas: number;
  /** @default none: wordpressReplicas applies */
  autoscale?: AutoscaleSettings;
  site: SiteSettings;
  publish: PublishSettings;
  networks: NetworkSettings;
  limits: LimitSettings;
  /** Changing it regenerates every secret. */
  rotation: number;
  images: ImageSettings;
}

/** The keys of the project's namespace: as Pulumi.yaml declares them, and the maps `autoscale` and `images`, which it does not. */
const KEYS: readonly string[] = [
  ...REPLICA_KEYS,
  ...SITE_KEYS,
  ...PUBLISH_KEYS,
  ...NETWORK_KEYS,
  ...LIMIT_KEYS,
  "rotation",
  ...IMAGES_KEYS,
];

/**
 * Reads and validates the configuration.
 * @param raw `namespace:key` to string, as `pulumi.runtime.allConfig()` gives it
 * @throws pulumi.RunError that lists every problem: key, value, what is allowed
 */
export function readSettings(raw: Record<string, string>, project: string): Settings {
  const config = new ConfigReader(raw, project);
  refuseUnknownKeys(config);
  const { wordpressReplicas, autoscale } = readReplicas(config);
  const settings = {
    wordpressReplicas,
    ...(autoscale && { autoscale }),
    site: readSite(config),
    publish: readPublish(config),
    limits: readLimits(config),
    rotation: config.integer("rotation", 1, 1_000_000),
  };
  const networks = readNetworks(config, autoscale?.max ?? wordpressReplicas);
  const images = readImages(config);
  if (config.problems.length > 0 || networks === undefined) {
    const list = config.problems.map((line) => `  - ${line}`).join("\n");
    throw refusal(
      `the configuration is invalid, nothing was changed:\n${list}\nSet a value with: pulumi config set <key> <value> (or npm run -s pulumi -- config set <key> <value>)`,
    );
  }
  return { ...settings, networks, images };
}

function refuseUnknownKeys(config: ConfigReader): void {
  for (const name of Object.keys(config.raw)) {
    const [namespace, key = ""] = name.split(/:(.*)/s);
    if (namespace === config.project && !KEYS.includes(key))
      config.problems.push(
        `${name} is not a key of this project${suggestion(key, KEYS)}: allowed are ${KEYS.join(", ")}`,
      );
  }
}

/** The settings of the stack that is being deployed. */
export const loadSettings = (): Settings => readSettings(pulumi.runtime.allConfig(), pulumi.getProject());
