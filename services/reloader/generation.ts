import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { Applied } from "../../contract/consul-kv";
import { NGINX_DIR } from "../../contract/paths";
import { settingsHash } from "../../contract/settings-hash";

/** A complete nginx configuration, named by a hash of its content. */
export interface Generation {
  hash: string;
  /** Of nginx.conf alone, as Rollout computes it: `settingsHash`. */
  settingsHash: string;
  /** The generation number of the desired set that it was rendered from; 0: rendered without one. */
  desired: number;
  members: Applied["members"];
  /** File name to content; nginx.conf includes the others. */
  files: { "nginx.conf": string; "upstreams.conf": string; "generation.conf": string };
}

/** Assumed when the configuration has no worker_shutdown_timeout; `preview` allows no longer one. */
const LONGEST_LIFE_SECONDS = 660;

/** How long a worker of this configuration may live after it was told to shut down. */
export const workerLifeMs = ({ files }: Generation): number =>
  1000 * Number(/^\s*worker_shutdown_timeout\s+(\d+)s?;/m.exec(files["nginx.conf"])?.[1] ?? LONGEST_LIFE_SECONDS);

const member = z.object({ name: z.string(), containerId: z.string(), address: z.string() });

/** The socket on which only this configuration's workers answer. nginx creates it at the reload and removes it at the next one. */
export const servingSocket = (dir: string, hash: string): string => join(dir, `${SERVING}${hash}.sock`);
export const SERVING = "serving-";

/**
 * Combines the static configuration with the rendered upstreams.
 * @param dir the volume's path, the same in nginx's and the reloader's container
 * @throws Error when the upstreams lack the comment lines that describe them
 */
export function generationOf(staticConf: string, upstreams: string, dir = NGINX_DIR): Generation {
  const hash = createHash("sha256")
    .update(`${staticConf.length}:`)
    .update(staticConf)
    .update(upstreams)
    .digest("hex")
    .slice(0, 16);
  const desired = /^# generation: (\d+)\s*$/m.exec(upstreams)?.[1];
  if (desired === undefined) throw new Error("upstreams.conf has no line '# generation: <number>'");
  return {
    hash,
    settingsHash: settingsHash(staticConf),
    desired: Number(desired),
    members: [...upstreams.matchAll(/^# member: (.*)$/gm)].map((match) => parseMember(match[1] ?? "")),
    files: {
      "nginx.conf": staticConf,
      "upstreams.conf": upstreams,
      "generation.conf": [
        `map "" $config_generation {`,
        `    default "${hash}";`,
        "}",
        "# Only workers of this configuration listen here: the first response shows that it is being served.",
        "server {",
        `    listen unix:${servingSocket(dir, hash)};`,
        "    access_log off;",
        `    return 204;`,
        "}",
        "",
      ].join("\n"),
    },
  };
}

function parseMember(text: string): Applied["members"][number] {
  try {
    return member.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`upstreams.conf has an unreadable line '# member: ${text}'`, { cause: error });
  }
}
